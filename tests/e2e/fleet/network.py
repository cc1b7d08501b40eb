"""The network of a fleet: hosts with addresses of their own, and ways between them that are cut.

Where the test may make network namespaces (root on Linux) each host is one, and a cut is a cable
that is pulled out (`namespaces.py`). Elsewhere hosts are addresses on loopback, and a cut is a
proxy that passes nothing on (`addresses.py`); FLEET_NETWORK=addresses asks for these.
"""

from __future__ import annotations

import os

from tests.e2e.fleet import namespaces
from tests.e2e.fleet.addresses import Address, Addresses
from tests.e2e.fleet.namespaces import Namespace, Namespaces

Host = Namespace | Address
Network = Namespaces | Addresses


def made(sites: tuple[str, ...], gateways: tuple[str, ...]) -> Network:
    if os.environ.get("FLEET_NETWORK") != "addresses" and namespaces.may_be_made():
        return Namespaces(sites, gateways)
    return Addresses(sites, gateways)
