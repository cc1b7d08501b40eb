# shellcheck shell=sh
# Sourced by install.sh and add-gateway.sh: makes and starts gateways of this host, each by /etc/jasmin/NAME.env.

secret() { head -c 48 /dev/urandom | base64 | tr -d '+/=\n'; }
value() { sed -n "s/^$1=//p" "$2"; }

# Where the console and the HTTP API of the gateway NAME answer; an IPv6 address has brackets before a port.
bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }
console_of() { file=$JASMIN_ENVS/$1.env; echo "$(bracketed "$(value JCLI_BIND "$file")"):$(value JCLI_PORT "$file")"; }
http_of() { file=$JASMIN_ENVS/$1.env; echo "http://$(bracketed "$(value HTTP_API_BIND "$file")"):$(value HTTP_API_PORT "$file")"; }

make_gateway_user() {
    id jasmin >/dev/null 2>&1 || useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin jasmin
    install -d -m 0755 "$JASMIN_ENVS"
}

# What is added to each of the first gateway's ports, so that no other gateway of this host has one of them.
free_step() {
    step=0
    while grep -q -x "JCLI_PORT=$((8990 + step))" "$JASMIN_ENVS"/*.env 2>/dev/null; do step=$((step + 10)); done
    echo "$step"
}

# NAME, where its console and HTTP API listen, where its SMPP server listens. Keeps a file that is there.
write_gateway() {
    file=$JASMIN_ENVS/$1.env
    [ ! -e "$file" ] || return 0
    step=$(free_step) console=$(secret)
    cat >"$file.new" <<END
JCLI_BIND=$2
JCLI_PORT=$((8990 + step))
JCLI_ADMIN_USERNAME=jcliadmin
JCLI_ADMIN_PASSWORD=$(printf %s "$console" | md5sum | cut -d' ' -f1)
JCLI_USERNAME=jcliadmin
JCLI_PASSWORD=$console
HTTP_API_BIND=$2
HTTP_API_PORT=$((1401 + step))
HTTP_API_LOG_PRIVACY=yes
SMPP_SERVER_BIND=$3
SMPP_SERVER_PORT=$((2775 + step))
SMPP_SERVER_LOG_PRIVACY=yes
ROUTER_PORT=$((8988 + step))
CLIENT_MANAGEMENT_PORT=$((8989 + step))
SMPP_SERVER_PB_PORT=$((14000 + step))
END
    mv "$file.new" "$file"
}

start_gateway() {   # NAME
    if has_systemd; then systemctl enable --quiet --now "jasmin@$1"; return; fi
    install -d -m 0700 -o jasmin -g jasmin "/var/lib/jasmin-$1" "/var/lib/jasmin-$1/store" "/var/lib/jasmin-$1/logs"
    ! kill -0 "$(cat "/run/jasmin-$1.pid" 2>/dev/null)" 2>/dev/null || return 0   # a second run
    setsid "$ORBIT_HOME/deploy/jasmin-without-systemd.sh" "$1" >>"/var/log/jasmin-$1.log" 2>&1 </dev/null &
    echo $! >"/run/jasmin-$1.pid"
}

wait_for_gateway() {   # NAME
    at=$(http_of "$1")
    for _ in $(seq 120); do
        "$PYTHON" -c "import urllib.request as r; r.urlopen('$at/readyz', timeout=2)" 2>/dev/null && return
        sleep 0.5
    done
    fail "the gateway $1 does not answer at $at: see journalctl -u jasmin@$1, or /var/log/jasmin-$1.log"
}

# Tells the site of this host of a gateway: NAME, the host by which platforms reach its SMPP server, its region.
add_gateway() {
    file=$JASMIN_ENVS/$1.env
    JCLI_PASSWORD=$(value JCLI_PASSWORD "$file")   # on no command line
    AMQP_URL=''   # clears an old value: a gateway through our launcher needs no RabbitMQ
    export JCLI_PASSWORD AMQP_URL
    set -- "$1" --jcli "$(console_of "$1")" --username jcliadmin --http "$(http_of "$1")" \
        --smpp "$2:$(value SMPP_SERVER_PORT "$file")" ${3:+--region "$3"}
    manage gateways add "$@"
    unset JCLI_PASSWORD AMQP_URL
}
