#!/bin/sh
# Installs what `make demo` and `make test` need and is missing: Debian's servers, .venv, and Jasmin's own
# environment in .local/jasmin-venv. With `tests` also the browser, the Prometheus, the tshark and the nginx of
# `make test`; with `stock` the RabbitMQ that a stock Jasmin needs; with `bench` that, nginx, and Kannel, the peer of
# `make bench`.
# The Makefile calls it in the project's folder. With nothing to do it takes milliseconds; a second call waits
# for the first.
set -eu

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python=python3.11
jasmin=.local/jasmin-venv
jasmin_requirements=reconciler/launcher/requirements.txt

# The names of Debian's packages whose programs are missing.
missing_packages() {
    $python -c 'import ensurepip' 2>/dev/null || echo python3.11-venv
    case $1 in stock|bench) [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server ;; esac
    [ "$1" != bench ] || [ -x /usr/sbin/bearerbox ] || echo kannel
    command -v redis-server >/dev/null || [ -x /usr/bin/redis-server ] || echo redis-server
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
    [ "$1" != tests ] || command -v chromium-headless-shell >/dev/null || echo chromium-headless-shell
    [ "$1" != tests ] || command -v promtool >/dev/null || echo prometheus
    [ "$1" != tests ] || command -v tshark >/dev/null || echo tshark
    case $1 in tests|bench) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light ;; esac
}

# Runs a command as root; through sudo, without a password, if we are not root.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs packages without starting their services: not now (policy-rc.d; 101 is "forbidden"), without a
# PostgreSQL cluster, and not at the next boot. The files that it writes for that are removed again.
install_packages() {
    policy=/usr/sbin/policy-rc.d
    no_cluster=/etc/postgresql-common/createcluster.d/orbit.conf
    temporary=$no_cluster
    if [ ! -e $policy ]; then
        temporary="$temporary $policy"
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    trap 'as_root rm -f $temporary' EXIT
    as_root mkdir -p "$(dirname $no_cluster)"
    echo 'create_main_cluster = false' | as_root tee $no_cluster >/dev/null
    status=0
    as_root apt-get update -qq || status=$?
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null || status=$?
    if [ $status = 0 ] && [ -d /run/systemd/system ]; then
        as_root systemctl disable --quiet "$@" 2>/dev/null || true
    fi
    as_root rm -f $temporary
    trap - EXIT
    return $status
}

# Makes a virtual environment, unless its stamp says that it was made from the same files. Python compiles what
# it imports, a fraction of what pip would compile.
make_environment() {
    folder=$1
    digest=$2
    shift 2
    [ "$(cat "$folder/.stamp" 2>/dev/null)" != "$digest" ] || return 0
    say "installing Python packages into $folder"
    $python -m venv "$folder" &&
        "$folder/bin/python" -m pip install -q --disable-pip-version-check 'pip>=25.1' &&
        "$folder/bin/python" -m pip install -q --disable-pip-version-check --no-compile "$@" &&
        echo "$digest" >"$folder/.stamp"
}

digest_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

command -v $python >/dev/null || fail "Python 3.11 is missing; please install python3.11 (and python3.11-venv)"
mkdir -p .local
exec 9>.local/setup.lock
flock 9

packages=$(missing_packages "${1:-}")
if [ -n "$packages" ]; then
    packages=$(echo $packages)
    wish="please run, as root: apt-get install --no-install-recommends $packages"
    command -v apt-get >/dev/null || fail "these Debian packages are missing, and there is no apt-get: $packages"
    as_root true 2>/dev/null || fail "no right to install Debian packages; $wish"
    say "installing Debian packages: $packages (none of them is started)"
    install_packages $packages || fail "apt-get failed; $wish"
fi

begun=$(date +%s)
# In parallel: each waits for the network most of the time.
make_environment $jasmin "$(digest_of $jasmin_requirements)" -r $jasmin_requirements &
make_environment .venv "$(digest_of requirements.txt pyproject.toml)" -r requirements.txt --group dev ||
    fail "the Python packages in requirements.txt could not be installed"
wait $! || fail "the Python packages in $jasmin_requirements could not be installed"
seconds=$(($(date +%s) - begun))
[ $seconds -lt 2 ] || say "Python packages installed in $seconds s"
