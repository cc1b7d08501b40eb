#!/bin/sh
# Installs the whole site on a bare Debian 12: PostgreSQL, Redis, the site, one gateway, nginx. As root:
#
#   git clone … /opt/orbit && /opt/orbit/deploy/install.sh --host sms.example.com
#
#   --host NAME      the public host name (nginx, ALLOWED_HOSTS)
#   --smpp ADDRESS   where the gateway's SMPP server listens for the platforms of organisations (default 127.0.0.1)
#   --simulator      carriers on 127.0.0.2 are allowed, for deploy/first-message.sh: to try it out
#
# A second run changes what is missing and keeps every key and password; --smpp and --simulator count at the first
# one (later: SMPP_SERVER_BIND of /etc/jasmin/main.env, SMPP_ALLOWED_NETWORKS of /etc/orbit/orbit.env).
# Without systemd (a container, a chroot) the same processes are started by honcho.
. "$(dirname "$0")/site.sh"
. "$(dirname "$0")/gateways.sh"

host='' smpp=127.0.0.1 simulator=''
while [ $# -gt 0 ]; do
    case $1 in
        --host) host=${2:-}; shift ;;
        --smpp) smpp=${2:-}; shift ;;
        --simulator) simulator=127.0.0.2/32 ;;
        -h | --help) sed -n '2,/^\./{/^\./d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        *) fail "unknown option $1; --help lists them" ;;
    esac
    [ $# -gt 0 ] || fail "an option lacks its value; --help explains them"
    shift
done
printf %s "$host" | grep -q -E '^[A-Za-z0-9.-]+$' || fail "--host: say the public host name, as sms.example.com"
printf %s "$smpp" | grep -q -E '^[0-9a-fA-F.:]+$' || fail "--smpp: say an address of this host, as 0.0.0.0"
need_root
[ "$ORBIT_HOME" = /opt/orbit ] || fail "the units expect the code in /opt/orbit; it is in $ORBIT_HOME"

serve() { if has_systemd; then systemctl enable --quiet --now "$1"; else service "$1" start; fi; }

install_packages() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
        git logrotate openssl postgresql redis-server nginx-light python3.11-venv >/dev/null
    make_site_user
    make_gateway_user
}

write_settings() {
    [ -e "$ORBIT_ENV" ] || {
        database=$(secret)
        cat >"$ORBIT_ENV.new" <<EOF
# Read by systemd and by sh: no spaces, quotes or $ in a value. docs/operations.md explains each.
SECRET_KEY=$(secret)
FERNET_KEYS=$(secret)
AUDIT_KEY=$(secret)
METRICS_TOKEN=$(secret)
DATABASE_URL=postgres://orbit:$database@127.0.0.1:5432/orbit
REDIS_URL=redis://127.0.0.1:6379/0
STATE_DIR=/var/lib/orbit
ALLOWED_HOSTS=$host,127.0.0.1,localhost
CSRF_TRUSTED_ORIGINS=https://$host
BEHIND_TLS_PROXY=true
TRUSTED_PROXIES=127.0.0.1
SMPP_ALLOWED_NETWORKS=$simulator
EOF
        mv "$ORBIT_ENV.new" "$ORBIT_ENV"   # in whole or not at all: a second run keeps what it finds
    }
    case ",$(value ALLOWED_HOSTS "$ORBIT_ENV")," in
        *",$host,"*) ;;
        *) say "$ORBIT_ENV stays as it is: see to it that ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS know $host" ;;
    esac
    chown root:orbit "$ORBIT_ENV"
    chmod 0640 "$ORBIT_ENV"
    write_gateway main 127.0.0.1 "$smpp"
}

start_servers() {
    if has_systemd; then serve postgresql; else pg_ctlcluster 15 main start || true; fi
    sql() { runuser -u postgres -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }
    for _ in $(seq 150); do ! (cd / && sql -c '') 2>/dev/null || break; sleep 0.2; done
    password=$(value DATABASE_URL "$ORBIT_ENV" | sed 's,.*orbit:\([^@]*\)@.*,\1,')
    (cd / && {
        [ "$(sql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'orbit'")" = 1 ] || sql -c 'CREATE ROLE orbit LOGIN'
        printf "ALTER ROLE orbit PASSWORD '%s';\n" "$password" | sql
        [ "$(sql -tAc "SELECT 1 FROM pg_database WHERE datname = 'orbit'")" = 1 ] ||
            sql -c 'CREATE DATABASE orbit OWNER orbit TEMPLATE template0 ENCODING UTF8'
        sql -d orbit -c 'ALTER SCHEMA public OWNER TO orbit'
    })
    serve redis-server
}

start_proxy() {
    install -d -m 0700 /etc/orbit/tls
    [ -e /etc/orbit/tls/privkey.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$host" \
        -addext "subjectAltName=DNS:$host" -keyout /etc/orbit/tls/privkey.pem -out /etc/orbit/tls/fullchain.pem 2>/dev/null
    sed "s/sms\.example\.com/$host/" "$ORBIT_HOME/deploy/nginx/orbit.conf" >/etc/nginx/sites-available/orbit
    ln -sf ../sites-available/orbit /etc/nginx/sites-enabled/orbit
    rm -f /etc/nginx/sites-enabled/default
    nginx -t -q
    if has_systemd; then systemctl enable --quiet nginx && systemctl restart nginx; else service nginx start; fi
}

say "Debian's packages"
install_packages
say "Python packages"
install_python "$ORBIT_HOME/.venv" "$ORBIT_HOME/requirements.txt"
install_python /opt/jasmin "$ORBIT_HOME/reconciler/launcher/requirements.txt"
open_code
install_files
say "settings, servers, the gateway"
write_settings
start_servers
start_gateway main
load_settings
manage check --deploy --fail-level ERROR
say "database and static files"
manage migrate --noinput --verbosity 0
manage collectstatic --noinput --verbosity 0
wait_for_gateway main
add_gateway main "$host"
say "the site"
! has_systemd || systemctl enable --quiet orbit.target
stop_site
start_site
wait_for_site
start_proxy
say "done: https://$host (its certificate is self-signed: put yours into /etc/orbit/tls)"
