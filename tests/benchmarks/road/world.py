"""Organisations with trunks to the simulated SMSC, made through the public API; and what the SMSC
and the database have of their messages."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from orbit.dev.stack.processes import poll
from reconciler.models import Gateway
from tests.benchmarks.carrier import PASSWORD, Carrier, ask
from tests.benchmarks.road import sizes
from tests.benchmarks.road.counters import MARK
from tests.benchmarks.road.cpu_yardstick import yardstick
from tests.e2e.api import CREDENTIALS, Api
from tests.factories import make_api_key
from tests.reconciler.conftest import make_tenant

CARRIERS, POOLS = "/v1/messaging/smpp/carriers", "/v1/messaging/sender-pools"
CODES = {"FR": "+3363{:07}", "ES": "+346{:08}"}  # numbers by country
LOOK = 0.05  # seconds
TICK = 0.1  # seconds between two looks at the SMSC


class Tenant:
    """An organisation with a trunk for each of `countries` and one pool of a sender on all."""

    def __init__(self, base_url: str, gateway: Gateway, carrier: Carrier, *countries: str) -> None:
        self.organization = make_tenant(gateway)
        self.key = make_api_key(self.organization).secret
        self.api = Api(base_url, self.key)
        self._carrier, self._countries = carrier, countries
        self.accounts = [f"r{secrets.token_hex(3)}" for _ in countries]
        carriers = [self._trunk(*each) for each in zip(countries, self.accounts, strict=True)]
        pool = {"name": "Pool", "members": [{"sender": "ACME"}], "carrier_ids": carriers}
        self.pool_id = self.made(POOLS, pool)

    def number(self, n: int) -> str:
        """The trunks take turns."""
        codes = [CODES[country] for country in self._countries]
        return codes[n % len(codes)].format(n)

    def body(self, n: int) -> dict[str, str]:
        """Of the POST of message `n`."""
        return {"to": self.number(n), "body": f"Your code is {n:06}", "from": "ACME"}

    def made(self, path: str, body: dict[str, Any]) -> str:
        answer = self.api.post(path, body)
        assert answer.status == 201, answer.body
        return answer.data["id"]

    def submits(self) -> int:
        """That the SMSC has had of it."""
        return sum(
            ask(self._carrier, "GET", f"/systems/{each}")["submits"] for each in self.accounts
        )

    def acknowledged(self) -> int:
        """Receipts that were taken from the SMSC."""
        counts = (ask(self._carrier, "GET", f"/systems/{each}") for each in self.accounts)
        return sum(each["receipts"].get("acknowledged", 0) for each in counts)

    def statuses(self) -> dict[str, int]:
        return dict(self._count("status, count(*)", "GROUP BY status"))

    def unfinished(self) -> int:
        return self._count("count(*)", "AND finished_at IS NULL")[0][0]

    def is_exact(self, count: int) -> None:
        """So many, all delivered, each submitted once: as many submits as messages, and as many
        ids of the carrier."""
        assert self.statuses() == {"delivered": count}
        assert self.submits() == count
        assert self._count("count(DISTINCT (carrier_message_id, credential_id))")[0][0] == count

    def _count(self, what: str, more: str = "") -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {what} FROM messaging_message AS {MARK} WHERE organization_id = %s {more}",
                [self.organization.pk],
            )
            return cursor.fetchall()

    def _trunk(self, country: str, account: str) -> str:
        """Bound; the id of its carrier."""
        ask(self._carrier, "PUT", f"/systems/{account}", {"password": PASSWORD})
        credential = self.api.add(
            port=self._carrier.port,
            system_id=account,
            password=PASSWORD,
            throughput=None,
            window=sizes.WINDOW,
        )
        path = f"{CREDENTIALS}/{credential['id']}"
        assert poll(lambda: self.api.get(path).data["bind"]["state"] == "bound", timeout=60)
        body = {"name": country, "credential_id": credential["id"], "countries": [country]}
        return self.made(CARRIERS, body)


class Watch(threading.Thread):
    """Looks how many submits the SMSC has, until `end`. `at`: when it had so many; `yardsticks`:
    what `yardstick` took meanwhile, once a second."""

    def __init__(self, count: Callable[[], int], tick: float = TICK) -> None:
        super().__init__(daemon=True)
        self._count, self._tick = count, tick
        self._over = threading.Event()
        self.yardsticks = [yardstick()]
        self._seen: list[tuple[float, int]] = [(time.time(), count())]
        self.start()

    def run(self) -> None:
        while not self._over.wait(self._tick):
            self._seen.append((time.time(), self._count()))
            if len(self._seen) % max(1, int(1 / self._tick)) == 0:
                self.yardsticks.append(yardstick())

    def end(self) -> None:
        self._over.set()
        self.join()

    def at(self, count: int) -> float | None:
        """Unix seconds when it had `count` more than at the start; None if it never did."""
        first = self._seen[0][1]
        for (before, had), (now, has) in zip(self._seen, self._seen[1:], strict=False):
            if has - first >= count:
                share = (count - (had - first)) / max(1, has - had)
                return before + share * (now - before)
        return None

    def rate(self, count: int) -> float:
        """Submits/s from a fifth of `count` on to the last."""
        begin, end = self.at(count // 5), self.at(count)
        assert begin is not None and end is not None, self._seen[-1]
        return (count - count // 5) / max(end - begin, 1e-9)


def many(bodies: list[dict[str, str]]) -> list[str]:
    """Bodies of batch POSTs."""
    size = sizes.BATCH
    parts = (bodies[start : start + size] for start in range(0, len(bodies), size))
    return [json.dumps({"messages": part}) for part in parts]
