#!/bin/sh
# Adds a gateway to this host, beside those that it has. As root:
#
#   deploy/add-gateway.sh NAME --smpp-host sms.example.com
#
#   --smpp-host HOST  the name or address by which platforms of organisations reach its SMPP server
#   --smpp ADDRESS    where that server listens (default 127.0.0.1; 0.0.0.0 for platforms outside)
#   --listen ADDRESS  where its console and HTTP API listen (default 127.0.0.1); on a host without the site, an
#                     address of the private network or tunnel by which the site reaches it
#   --region LABEL    the gateway's region: organisations with that label are placed there
#
# Writes /etc/jasmin/NAME.env (ports that are free, a password of its own), starts jasmin@NAME and tells the site.
# On a host without the site it ends with the command for the site's host. A second run keeps the file.
. "$(dirname "$0")/site.sh"
. "$(dirname "$0")/gateways.sh"

name='' smpp_host='' smpp=127.0.0.1 listen=127.0.0.1 region=''
while [ $# -gt 0 ]; do
    case $1 in
        --smpp-host) smpp_host=${2:-}; shift ;;
        --smpp) smpp=${2:-}; shift ;;
        --listen) listen=${2:-}; shift ;;
        --region) region=${2:-}; shift ;;
        -h | --help) sed -n '2,/^\./{/^\./d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        -*) fail "unknown option $1; --help lists them" ;;
        *) name=$1 ;;
    esac
    [ $# -gt 0 ] || fail "an option lacks its value; --help explains them"
    shift
done
printf %s "$name" | grep -q -E '^[a-z0-9-]{1,32}$' || fail "say the gateway's name: a-z, 0-9 and -, as gw2"
for address in "$smpp" "$listen"; do
    printf %s "$address" | grep -q -E '^[0-9a-fA-F.:]+$' || fail "--smpp, --listen: say an address of this host"
done
printf %s "$smpp_host" | grep -q -E '^[A-Za-z0-9.:-]+$' || fail "--smpp-host: say the name by which platforms reach it"
need_root
make_gateway_user
install_python /opt/jasmin "$ORBIT_HOME/reconciler/launcher/requirements.txt"
open_code
install_files
write_gateway "$name" "$listen" "$smpp"
start_gateway "$name"
[ -x "$PYTHON" ] || PYTHON=/opt/jasmin/bin/python
wait_for_gateway "$name"
if [ -e "$ORBIT_ENV" ]; then
    load_settings
    add_gateway "$name" "$smpp_host" "$region"
else
    file=$JASMIN_ENVS/$name.env
    say "on the site's host, with JCLI_PASSWORD of $file in the environment, and $listen in GATEWAY_TRUSTED_NETWORKS:"
    echo "orbit gateways add $name --jcli $(console_of "$name") --username jcliadmin --http $(http_of "$name")" \
        "--smpp $smpp_host:$(value SMPP_SERVER_PORT "$file")${region:+ --region $region}"
fi
