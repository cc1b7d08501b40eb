#!/bin/sh
# Proves the installed site with a message: an organisation, a simulated carrier, a text, its receipt. As root:
#
#   deploy/first-message.sh [+33612345678]
#
# Needs `install.sh --simulator`. Deletes the carrier and its credential afterwards; the organisation stays.
. "$(dirname "$0")/site.sh"

need_root
load_settings
case ",${SMPP_ALLOWED_NETWORKS:-}," in
    *,127.0.0.2/32,*) ;;
    *) fail "the simulator is not allowed here: SMPP_ALLOWED_NETWORKS of $ORBIT_ENV lacks 127.0.0.2/32" ;;
esac
SITE_ADDRESS="http://${SITE_BIND:-127.0.0.1:8000}" as_site "$PYTHON" "$ORBIT_HOME/deploy/first_message.py" "${1:-+33612345678}"
