#!/bin/sh
# Brings the site to the version that lies in this folder: after `git checkout` of it, as root.
#
#   deploy/upgrade.sh
#
# In this order: a backup, packages (the old processes go on), the check of the settings, then the downtime:
# stop, migrate, start. A step that fails ends it; the backup and the old commit are the way back.
. "$(dirname "$0")/site.sh"

need_root
load_settings
backup=$("$ORBIT_HOME/deploy/backup.sh")   # no pipe: sh takes its last part's status for the whole
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
