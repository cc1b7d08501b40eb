"""Settings of our users, spelled as Jasmin's `user -s` prints them. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence

from reconciler.jasmin.capabilities import ORIGINS
from reconciler.jcli import users

# A right that our users lack, so that `password_probe` can ask for it: Jasmin refuses the request
# with another status than a wrong password, and sends nothing. (Jasmin's requests that are meant
# for such questions take the password in the address, where logs keep it; and two other rights,
# schedule_delivery_time and hex_content, are given back at every start of Jasmin.)
UNASKED = "mt_messaging_cred authorization priority"
SENDS = "mt_messaging_cred authorization http_send"

# The credential's own user: submits over HTTP, never binds.
PINNED_USER: Mapping[str, str] = {
    **users.DEFAULTS,
    UNASKED: "False",
    "mt_messaging_cred authorization smpps_send": "False",
    "smpps_cred authorization bind": "False",
}


def access_user(
    *,
    max_bindings: int,
    throughput: int | None,
    allowed_ips: Sequence[str],
    capabilities: Collection[str],
) -> dict[str, str]:
    """Return the settings of an organisation's user on the SMPP server: it binds, and has no HTTP.

    It has the right to a priority: every submit_sm names one.
    """
    origins = {users.ALLOWED_ADDRESSES: _addresses(allowed_ips)} if ORIGINS in capabilities else {}
    return {
        **users.DEFAULTS,
        SENDS: "False",
        "mt_messaging_cred authorization http_long_content": "False",
        "mt_messaging_cred quota smpps_throughput": f"{throughput:.1f}" if throughput else "ND",
        "smpps_cred quota max_bindings": str(max_bindings),
        **origins,
    }


def _addresses(allowed_ips: Sequence[str]) -> str:
    """Spelled one way, whatever people wrote: an IPv6 zone could hold anything."""
    networks = (ipaddress.ip_network(each.strip(), strict=False) for each in allowed_ips)
    spelled = (
        f"{type(each.network_address)(int(each.network_address))}/{each.prefixlen}"
        for each in networks
    )
    return ",".join(spelled) or users.ANYWHERE
