#!/bin/sh
# Restarts the gateways of this host with the launcher and Jasmin that are installed now, one after another, each
# without messages in it. As root, after deploy/upgrade.sh:
#
#   deploy/upgrade-gateways.sh [NAME…]        all that have /etc/jasmin/NAME.env, or these
#
# Of each, organisations that may have a second bind for a moment go to another gateway first; the others wait for the
# restart. The next gateway's turn comes once this one is in sync and its binds are up. Ends at the first that fails.
. "$(dirname "$0")/site.sh"

# `manage.py gateways upgrade` of one, as the site's user, who may restart nothing: that is done here once it says so.
upgrade() {
    failed=$(mktemp)
    { PYTHONUNBUFFERED=1 manage gateways upgrade "$1" --restart-command '' || echo 1 >"$failed"; } | while read -r line; do
        echo "$line"
        case $line in *"start $1 again now"*) restart "$1" ;; esac
    done
    status=$(cat "$failed")
    rm -f "$failed"
    [ -z "$status" ]
}

restart() {
    if has_systemd; then
        systemctl restart "jasmin@$1"
    else
        pkill -TERM -P "$(cat "/run/jasmin-$1.pid")"   # jasmin-without-systemd.sh starts it again
    fi
}

need_root
load_settings
# shellcheck disable=SC2046  # names without spaces, each an argument
[ $# -gt 0 ] || set -- $(find "$JASMIN_ENVS" -name '*.env' -exec basename {} .env \; | sort)
for name; do
    [ -e "$JASMIN_ENVS/$name.env" ] || fail "this host has no gateway $name: on its own host, systemctl restart jasmin@$name"
    upgrade "$name" || fail "$name is not upgraded: its mode and what it has are above, and in: orbit gateways list"
done
