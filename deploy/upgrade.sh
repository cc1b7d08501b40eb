#!/bin/sh
# Upgrades the site to the version in this folder, after a `git checkout`. As root:
#
#   deploy/upgrade.sh
#
# In this order: a backup, packages (the old processes go on), the check of the settings, then the downtime:
# stop, migrate, start. It ends at the first step that fails. To go back: the old commit, and the backup.
. "$(dirname "$0")/site.sh"

need_root
load_settings
backup=$("$ORBIT_HOME/deploy/backup.sh")   # not in a pipe, which would hide a failure
say "backup: $backup"
"$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$ORBIT_HOME/requirements.txt"
[ ! -x /opt/jasmin/bin/python ] || /opt/jasmin/bin/python -m pip install --quiet --disable-pip-version-check \
    -r "$ORBIT_HOME/reconciler/launcher/requirements.txt"
open_code
[ ! -d /opt/jasmin ] || chmod -R go=u-w /opt/jasmin
manage check --deploy --fail-level ERROR
manage collectstatic --noinput --verbosity 0
install_files
stop_site
manage migrate --noinput --verbosity 0
start_site
wait_for_site
say "the site answers; a gateway takes the new launcher with: systemctl restart jasmin@main"
