#!/bin/sh
# As deploy/upgrade-gateways.sh, for compose.yaml: each gateway's container is made anew from its image.
#
#   deploy/docker/upgrade-gateways.sh main gateway-2 gateway-3      # names of `gateways list`; `main` runs in `gateway`
set -eu
cd "$(dirname "$0")/../.."
compose() { docker compose -f deploy/compose.yaml --env-file .env "$@"; }

compose --profile fleet build gateway
for name; do
    service=$name
    [ "$name" != main ] || service=gateway
    failed=$(mktemp)
    { compose exec -T web python manage.py gateways upgrade "$name" --restart-command '' || echo 1 >"$failed"; } | while read -r line; do
        echo "$line"
        case $line in *"start $name again now"*) compose up -d --no-deps --force-recreate "$service" </dev/null ;; esac
    done
    [ ! -s "$failed" ] || { rm -f "$failed"; echo "$name is not upgraded" >&2; exit 1; }
    rm -f "$failed"
done
