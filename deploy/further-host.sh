#!/bin/sh
# Makes this host a further one of a site: senders, workers and a receiver, without web server, beat and databases.
# As root, with systemd:
#
#   git clone … /opt/orbit        # the commit of the first host
#   scp -p first:/etc/orbit/orbit.env /etc/orbit/orbit.env      # then, in it, DATABASE_URL and REDIS_URL of that host
#   /opt/orbit/deploy/further-host.sh
#
# PostgreSQL and Redis of the first host listen on loopback: let them listen on your private network too, with a
# password, or reach them by a tunnel. A second run changes what is missing. The first host is upgraded first.
. "$(dirname "$0")/site.sh"

need_root
has_systemd || fail "it needs systemd; in a container run the Procfile's lines"
[ "$ORBIT_HOME" = /opt/orbit ] || fail "the units expect the code in /opt/orbit; it is in $ORBIT_HOME"
load_settings
! systemctl is-enabled --quiet orbit.target 2>/dev/null || fail "this host is the site's first: it has orbit.target"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
    git logrotate python3.11-venv >/dev/null
make_site_user
chown root:orbit "$ORBIT_ENV"
chmod 0640 "$ORBIT_ENV"
install_python "$ORBIT_HOME/.venv" "$ORBIT_HOME/requirements.txt"
open_code
install_files
reach_servers
manage check --deploy --database default --fail-level ERROR
manage migrate --check --verbosity 0 || fail "the database is of another version: the same commit here as there"
systemctl enable --quiet --now orbit-further.target
say "done: orbit gateways list, and /readyz of the site, name its processes"
