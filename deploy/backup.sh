#!/bin/sh
# Writes a backup of the site: its database, and its settings with the keys that read it.
#
#   deploy/backup.sh [FOLDER]        default /var/backups/orbit
#
# Makes FOLDER/orbit-TIME.tar (mode 0600) and prints its name, last. The site goes on meanwhile. The file holds
# every secret of the site: keep it as you keep the keys. A backup that fails leaves nothing behind.
. "$(dirname "$0")/site.sh"

folder=${1:-/var/backups/orbit}
load_settings
load_database
mkdir -p "$folder"
find "$folder" -maxdepth 1 -name '.unfinished-*' -mtime +0 -exec rm -rf {} +   # left by a backup that was killed
work=$(mktemp -d "$folder/.unfinished-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

mkdir "$work/orbit"
# Without heartbeats: they tell of this host's processes.
pg_dump --format=custom --no-owner --no-privileges --exclude-table-data=api_heartbeat \
    --file="$work/orbit/database.dump"
pg_restore --list "$work/orbit/database.dump" >/dev/null   # fails if the dump can't be read
cp "$ORBIT_ENV" "$work/orbit/orbit.env"
[ ! -d /etc/jasmin ] || cp -r /etc/jasmin "$work/orbit/jasmin"
(cd "$ORBIT_HOME" && git rev-parse HEAD 2>/dev/null || echo unknown) >"$work/orbit/version"
tar -C "$work" -cf "$work/backup.tar" orbit
sync "$work/backup.tar"
name="$folder/orbit-$(date -u +%Y%m%dT%H%M%SZ).tar"
[ ! -e "$name" ] || fail "$name is there already"
mv "$work/backup.tar" "$name"
echo "$name"
