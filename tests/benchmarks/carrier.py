"""A simulated carrier, and credentials that bind to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.request import Request, urlopen

from orbit.accounts.models import Organization
from reconciler.models import Gateway, Placement
from tests.factories import make_organization
from tests.reconciler.conftest import make_credential

PASSWORD = "s3cr3t"
A_ORGANIZATION = 10  # credentials of one organisation


def system_ids(count: int, start: int = 0) -> list[str]:
    return [f"acme{number:04}" for number in range(start, count)]


@dataclass(frozen=True)
class Carrier:
    """The simulator's SMPP port and its control port (both on 127.0.0.1), and its process."""

    port: int
    control: int
    pid: int

    @classmethod
    def announced(cls, ready: dict, pid: int) -> Carrier:
        return cls(ready["ports"][0]["port"], ready["control"], pid)

    def live_binds(self) -> int:
        return sum(system["live_binds"] for system in ask(self, "GET", "/systems").values())


def ask(carrier: Carrier, method: str, path: str, body: dict | None = None) -> dict | list:
    """What the control port answers (`orbit.dev.simulator.control`)."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{carrier.control}{path}", data, method=method)
    with urlopen(request) as answer:
        return json.load(answer)


def fill(gateway: Gateway, carrier: Carrier, count: int, *, start: int = 0) -> None:
    """Make the credentials `start` to `count`, ten an organisation, as the API would."""
    for first in range(start, count, A_ORGANIZATION):
        organization = make_organization()
        Placement.objects.create(organization=organization, gateway=gateway)
        for system_id in system_ids(count)[first : first + A_ORGANIZATION]:
            make_credential(organization, port=carrier.port, system_id=system_id, password=PASSWORD)


def forget_all() -> None:
    """Delete all organisations with all that belongs to them."""
    Organization.objects.all().delete()
