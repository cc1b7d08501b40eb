# shellcheck shell=sh
# Sourced by the other scripts here: paths of an installed site, and functions to start and stop it.
set -eu
umask 077

ORBIT_HOME=${ORBIT_HOME:-$(cd "$(dirname "$0")/.." && pwd)}
ORBIT_ENV=${ORBIT_ENV:-/etc/orbit/orbit.env}
JASMIN_ENVS=${JASMIN_ENVS:-/etc/jasmin}
PYTHON=${ORBIT_PYTHON:-$ORBIT_HOME/.venv/bin/python}
PROCESSES='web uploads worker diagnoser tester sender webhooks receiver beat'

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }
fail() { say "$*" >&2; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || fail "run it as root"; }
has_systemd() { [ -d /run/systemd/system ]; }

# The site's settings as environment variables.
load_settings() {
    [ -r "$ORBIT_ENV" ] || fail "$ORBIT_ENV can't be read: is the site installed here, and are you root?"
    set -a
    # shellcheck disable=SC1090  # the file of this host
    . "$ORBIT_ENV"
    set +a
}

# DATABASE_URL as PG… variables for PostgreSQL's programs: on a command line, other users could read it.
load_database() {
    parts=$("$PYTHON" -c '
import os, shlex, sys, urllib.parse as u
url = u.urlsplit(os.environ.get("DATABASE_URL", ""))
if not url.scheme.startswith("postgres"):
    sys.exit("DATABASE_URL names no PostgreSQL; an SQLite file is copied by hand, with the site stopped")
parts = {"PGHOST": url.hostname, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
parts["PGDATABASE"] = url.path.lstrip("/")
for name, part in parts.items():
    if part:
        print(f"export {name}={shlex.quote(u.unquote(str(part)))}")
') || exit 1
    eval "$parts"
}

# Fails, and says which and why, unless this host reaches the site's PostgreSQL and Redis. No message has a password.
reach_servers() {
    "$PYTHON" -c '
import os, sys, psycopg, redis
try:
    psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
except psycopg.OperationalError as error:
    sys.exit(f"PostgreSQL: {str(error).splitlines()[0]}")
try:
    redis.Redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=5).ping()
except redis.RedisError as error:
    sys.exit(f"Redis: {error}")
' || fail "see DATABASE_URL and REDIS_URL in $ORBIT_ENV, and where these servers listen"
}

# Runs a command as the site's user, if we are root; else as we are.
as_site() {
    if [ "$(id -u)" = 0 ] && id orbit >/dev/null 2>&1; then
        (cd "$ORBIT_HOME" && HOME=/var/lib/orbit runuser -u orbit -- "$@")
    else
        (cd "$ORBIT_HOME" && "$@")
    fi
}

manage() { as_site "$PYTHON" manage.py "$@"; }

# Installs the command `orbit`, logrotate's configuration and the systemd units of this version, whatever our umask.
install_files() {
    install -m 0755 "$ORBIT_HOME/deploy/orbit" /usr/local/sbin/orbit
    install -D -m 0644 "$ORBIT_HOME/deploy/logrotate.conf" /etc/logrotate.d/orbit
    has_systemd || return 0
    (umask 022 && cp -r "$ORBIT_HOME"/deploy/systemd/. /etc/systemd/system/)
    systemctl daemon-reload
}

make_site_user() {
    id orbit >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/orbit --shell /usr/sbin/nologin orbit
    install -d -m 0700 -o orbit -g orbit /var/lib/orbit
    install -d -m 0750 -o root -g orbit /etc/orbit
}

install_python() {   # FOLDER REQUIREMENTS
    "$1/bin/python" -m pip --version >/dev/null 2>&1 || python3.11 -m venv "$1"   # also repairs an unfinished one
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$2"
    chmod -R go=u-w "$1"   # made under our umask; other users run it
}

# Lets the users orbit and jasmin read the code, whatever umask it was fetched with. Secrets stay closed.
open_code() {
    find "$ORBIT_HOME" \( -name .local -o -path "$ORBIT_HOME/deploy/nginx/tls" \) -prune -o ! -type l ! -name '.env*' -exec chmod go=u-w {} +
}

# The target of this host: of a further one it is another, without web server and beat (further-host.sh).
target() { systemctl is-enabled --quiet orbit-further.target >/dev/null 2>&1 && echo orbit-further.target || echo orbit.target; }
is_further() { has_systemd && [ "$(target)" = orbit-further.target ]; }

# Does nothing with other settings than this host's, as in a drill: no site runs here with them.
stop_site() {
    [ "$ORBIT_ENV" = /etc/orbit/orbit.env ] || return 0
    if has_systemd; then
        systemctl stop 'orbit-*.service' "$(target)"
    elif [ -s /run/orbit.pid ]; then
        pid=$(cat /run/orbit.pid)
        kill "$pid" 2>/dev/null || true
        while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
        rm -f /run/orbit.pid
    fi
}

# Without systemd, honcho runs the Procfile. For a container or a trial only: it stops all when one process dies.
start_site() {
    if has_systemd; then
        systemctl start "$(target)"
    elif [ -d /etc/orbit ]; then
        ! kill -0 "$(cat /run/orbit.pid 2>/dev/null)" 2>/dev/null || return 0   # it runs
        # shellcheck disable=SC2086  # PROCESSES are words
        (load_settings && cd "$ORBIT_HOME" && PATH="$ORBIT_HOME/.venv/bin:$PATH" HOME=/var/lib/orbit \
            exec setsid runuser -u orbit -- "$ORBIT_HOME/.venv/bin/honcho" start $PROCESSES
        ) >>/var/log/orbit.log 2>&1 </dev/null &
        echo $! >/run/orbit.pid
    fi
}

wait_for_site() {
    url="http://${SITE_BIND:-127.0.0.1:8000}/healthz"
    for _ in $(seq 120); do
        "$PYTHON" -c "import urllib.request as r; r.urlopen('$url', timeout=2)" 2>/dev/null && return
        sleep 0.5
    done
    fail "the site does not answer at $url: see journalctl -u 'orbit-*', or /var/log/orbit.log"
}
