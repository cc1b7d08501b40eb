#!/bin/sh
# Does what jasmin@.service does where there is no systemd: runs the gateway NAME, and restarts it when it ends.
set -eu
name=$1
export name
while :; do
    status=0
    # shellcheck disable=SC2016  # the inner shell expands it
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin name="$name" sh -c '
        set -a
        . "/etc/jasmin/$name.env"
        ROOT_PATH=/var/lib/jasmin-$name CONFIG_PATH=$ROOT_PATH STORE_PATH=$ROOT_PATH/store LOG_PATH=$ROOT_PATH/logs
        unset name
        exec runuser -u jasmin -- /opt/jasmin/bin/python /opt/orbit/reconciler/launcher/run.py
    ' || status=$?
    [ $status != 78 ] || exit 78
    sleep 1
done
