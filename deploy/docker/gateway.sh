#!/bin/sh
# The entry point of the gateway's image: makes its folders, hashes its console's password, starts the launcher.
set -eu
umask 077
mkdir -p "$STORE_PATH" "$LOG_PATH"
JCLI_ADMIN_PASSWORD=$(printf %s "$JCLI_PASSWORD" | md5sum | cut -d' ' -f1)
export JCLI_ADMIN_PASSWORD
exec python /opt/orbit/reconciler/launcher/run.py
