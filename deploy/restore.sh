#!/bin/sh
# Puts a backup of deploy/backup.sh back: its database and its keys, and leaves the site stopped.
#
#   deploy/restore.sh FILE
#
# Replaces the present database in one transaction: all of it or nothing. The addresses in the settings stay those
# of this host; the three keys become the backup's. Connectors that were added after the backup are no longer
# wanted then, and the first pass would delete them: look at the plan before you start the site.
. "$(dirname "$0")/site.sh"

[ $# = 1 ] || fail "say which file: restore.sh /var/backups/orbit/orbit-….tar"
file=$1
[ -r "$file" ] || fail "$file can't be read"
load_settings
load_database
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
tar -C "$work" -xf "$file" orbit/database.dump orbit/orbit.env || fail "$file is no backup of this site"
pg_restore --list "$work/orbit/database.dump" >/dev/null || fail "$file: its database can't be read"

# To a file, before anything stops: in a pipe, a failure half way would go unnoticed and restore half of it.
pg_restore --no-owner --no-privileges --file="$work/dump.sql" "$work/orbit/database.dump" ||
    fail "$file: its database can't be read whole"

# This host's settings with the backup's keys, ready to be renamed; the owner and the mode stay.
new=$ORBIT_ENV.restored
trap 'rm -rf "$work" "$new"' EXIT
cp -p "$ORBIT_ENV" "$new"
grep -v -E '^(SECRET_KEY|FERNET_KEYS|AUDIT_KEY)=' "$ORBIT_ENV" >"$work/settings" || true
for key in SECRET_KEY FERNET_KEYS AUDIT_KEY; do
    grep "^$key=" "$work/orbit/orbit.env" >>"$work/settings" || fail "the backup's settings have no $key"
done
# Without its digest keys, no number that is encrypted would be found.
if grep "^NUMBER_DIGEST_KEYS=" "$work/orbit/orbit.env" >"$work/digest-keys"; then
    grep -v "^NUMBER_DIGEST_KEYS=" "$work/settings" >"$work/others" || true
    cat "$work/others" "$work/digest-keys" >"$work/settings"
fi
cat "$work/settings" >"$new"

stop_site
say "the site is stopped; restoring the database $PGDATABASE"
# Drops the whole schema, so that no table of a newer version stays.
{
    echo 'DROP SCHEMA public CASCADE; CREATE SCHEMA public;'
    # Without the dump's own commands that create the schema or comment on it: it exists already.
    grep -a -v -E '^(CREATE SCHEMA public;|COMMENT ON SCHEMA public )' "$work/dump.sql"
} >"$work/restore.sql"
psql --quiet --no-psqlrc --single-transaction --set ON_ERROR_STOP=1 --output /dev/null --file "$work/restore.sql"

mv "$new" "$ORBIT_ENV"
load_settings
manage migrate --noinput --verbosity 0
manage rotate_fernet_keys --check
manage verify_audit
say "restored. Look at the plan: orbit reconcile --plan. Then start the site: deploy/start.sh"
