"""What the parts share: the running site with its processes, and a tenant that receives texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.processes import poll
from reconciler.models import Gateway
from tests.benchmarks.carrier import Carrier, ask
from tests.benchmarks.road import sizes
from tests.benchmarks.road.site import ProcfileSite
from tests.benchmarks.road.world import LOOK, Tenant
from tests.e2e.api import CREDENTIALS

HERE = Path(__file__).parent.parent
CODES = ("38080", "27027")  # what phones write to, on a tenant's first and second account
NUMBERS = "/v1/numbers"


class World:
    def __init__(
        self, stack: Stack, site: ProcfileSite, gateway: Gateway, carrier: Carrier, folder: Path
    ) -> None:
        self.stack, self.site, self.gateway, self.carrier = stack, site, gateway, carrier
        self._folder = folder

    @property
    def jasmin(self) -> Jasmin:
        return self.stack.gateways["main"]

    def tenant(self, *countries: str) -> Tenant:
        return Tenant(self.site.url, self.gateway, self.carrier, *countries)

    def pids(self) -> dict[str, list[int]]:
        """Of the product and its servers."""
        return self.site.pids() | {
            "PostgreSQL": [self.stack._postgres.pid],
            "Redis": [self.stack._redis.pid],
            "jasmind": [self.jasmin.pid],
        }

    def run(self, program: str, order: dict[str, Any]) -> dict[str, Any]:
        """One of the programs that make load."""
        file = self._folder / "order.json"
        file.write_text(json.dumps(order))
        done = subprocess.run(
            [sys.executable, HERE / program, file],
            capture_output=True,
            text=True,
            env=dict(os.environ),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def text(self, tenant: Tenant, phone: str, text: str, *, by: int = 0) -> None:
        """A phone writes to the tenant's number on this account of its."""
        body = {"source_addr": phone, "destination_addr": CODES[by], "text": text}
        ask(self.carrier, "POST", f"/systems/{tenant.accounts[by]}/texts", body)

    def submits(self, tenant: Tenant, last: int = 100_000) -> list[dict[str, Any]]:
        """The last that the carrier has had of it on each account: when, to whom, what."""
        query = f"submits?last={last}&fields=at,destination_addr,text"
        return [
            each
            for account in tenant.accounts
            for each in ask(self.carrier, "GET", f"/systems/{account}/{query}")
        ]


def receive(tenant: Tenant, *countries: str) -> None:
    """Give it a number on the account of each of its countries."""
    credentials = tenant.api.get(CREDENTIALS, params={"limit": 100}).data
    of = {each["system_id"]: each["id"] for each in credentials}
    for code, country, account in zip(CODES, countries, tenant.accounts, strict=False):
        number = {"number": code, "countries": [country], "credential_id": of[account]}
        tenant.made(NUMBERS, number)


def until(
    condition: Callable[[], Any], *, patience: float = sizes.PATIENCE, interval: float = LOOK
) -> None:
    assert poll(condition, timeout=patience, interval=interval)


def own(cpu: dict[str, float], each: float) -> str:
    """CPU seconds of processes as milliseconds by `each`: together, and one by one."""
    shares = {name: 1000 * seconds / each for name, seconds in cpu.items()}
    parts = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    return f"{sum(shares.values()):.2f} ({parts})"
