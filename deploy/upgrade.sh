#!/bin/sh
# Upgrades the site to the version in this folder, after a `git checkout`. As root:
#
#   deploy/upgrade.sh
#
# In this order: a backup, packages (the old processes go on), the check of the settings, then the downtime:
# stop, migrate, start. It ends at the first step that fails. To go back: the old commit, and the backup.
# Further hosts (further-host.sh) come after the first; there it neither backs up nor migrates.
. "$(dirname "$0")/site.sh"

need_root
load_settings
is_further || {
    backup=$("$ORBIT_HOME/deploy/backup.sh")   # not in a pipe, which would hide a failure
    say "backup: $backup"
}
"$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$ORBIT_HOME/requirements.txt"
[ ! -x /opt/jasmin/bin/python ] || /opt/jasmin/bin/python -m pip install --quiet --disable-pip-version-check \
    -r "$ORBIT_HOME/reconciler/launcher/requirements.txt"
open_code
[ ! -d /opt/jasmin ] || chmod -R go=u-w /opt/jasmin
manage check --deploy --fail-level ERROR
install_files
if is_further; then
    reach_servers
    manage migrate --check --verbosity 0 || fail "the database is of another version: upgrade the first host first"
    stop_site
    start_site
    say "its processes run"
    exit
fi
manage collectstatic --noinput --verbosity 0
stop_site
manage migrate --noinput --verbosity 0
start_site
wait_for_site
say "the site answers; gateways take the new launcher with deploy/upgrade-gateways.sh"
