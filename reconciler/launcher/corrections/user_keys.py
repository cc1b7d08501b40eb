"""A key of a user that only the launcher has: from where it may bind to the SMPP server.

Jasmin's fault (protocols/cli/usersm.py:34): `smpps_cred` says how often a user may bind and not
from where, so a password that was stolen binds from anywhere.

The cure: `smpps_cred quota allowed_ips 198.51.100.0/24,2001:db8::/48` (`none`: from anywhere),
shown by `user -s` and set by `user -u` while binds are up. It is kept as text among Jasmin's own
quotas, so that a stock Jasmin loads our store; it keeps the key and does not show it.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from typing import Any

from jasmin.protocols.cli import usersm
from jasmin.routing.jasminApi import SmppsCredential, jasminApiCredentialError

from reconciler.gateway_api import ALLOWED_ADDRESSES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Called after the key of a user was set.
on_change: list[Callable[[], None]] = []


def is_allowed(credential: SmppsCredential, address: str) -> bool:
    """Whether a user with this credential may bind from there; no list allows all addresses."""
    allowed = credential.getQuota(ALLOWED_ADDRESSES)
    if allowed is None:
        return True
    try:
        client = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client in network for network in _parse(allowed))


def correct() -> None:
    get, put = SmppsCredential.getQuota, SmppsCredential.setQuota

    def get_quota(self: SmppsCredential, key: str) -> Any:
        if key == ALLOWED_ADDRESSES:  # a store of a stock Jasmin has none
            return self.quotas.get(key)
        return get(self, key)

    def set_quota(self: SmppsCredential, key: str, value: Any) -> None:
        if key != ALLOWED_ADDRESSES:
            put(self, key, value)
            return
        if value is not None:
            _check(value)
        self.quotas[key] = value
        for notify in on_change:
            notify()

    SmppsCredential.getQuota, SmppsCredential.setQuota = get_quota, set_quota
    usersm.SmppsCredentialKeyMap["Quota"][ALLOWED_ADDRESSES] = ALLOWED_ADDRESSES


def _check(value: Any) -> None:
    try:
        _parse(value)
    except (ValueError, AttributeError):
        raise jasminApiCredentialError(
            f"{ALLOWED_ADDRESSES} must be addresses or CIDR with commas between them"
        ) from None


@functools.lru_cache(maxsize=4_096)
def _parse(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each, strict=False) for each in text.split(","))
