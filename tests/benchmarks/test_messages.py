"""Messages/s from the POST to the carrier, and the CPU that each part takes for them.

Through everything: the API over HTTP (gunicorn), PostgreSQL, Redis, a Celery worker, Jasmin with
our launcher, and both reports of each message back at our door. Beside it, in the same run, what
the gateway does alone: the same messages as the same users through bare `/send`, with reports to a
receiver that does nothing, into the same launcher and into stock Jasmin.

The clock starts with the first request and stops with the last submit at the carrier, and once more
when every message has its receipt: a gateway that takes what it can leaves reports for later, which
it can't do for ever. All clients keep their connections. The carrier, the load and the receiver are
processes of their own, on the same machine: where the CPU is what bounds, they share it. Of CPU,
everything is counted until every message has its receipt.

A throughput of 1,000/s holds nothing back, neither Jasmin nor our budget of messages that the
gateway may have unreported (`inflight.limit`: 2,000 of each connector; without a throughput 200,
which a window of 50 does not use up before the reports take four times as long as the answers).
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from messaging.carriers.models import Carrier as CarrierRow
from messaging.credentials.models import BindState, CredentialStatus
from messaging.gateway import Submit
from messaging.messages.models import Message
from messaging.smpp.protocol.text import encode
from orbit.stack import Stack
from orbit.stack.processes import poll
from reconciler.loop import reconcile
from reconciler.send import JasminTrunk
from tests.benchmarks.carrier import PASSWORD, Carrier, ask, forget_all
from tests.benchmarks.cpu import Cpu
from tests.factories import make_api_key
from tests.fixtures.site import Site, environment
from tests.fixtures.stack import empty, servers
from tests.reconciler.conftest import make_credential, make_gateway, make_tenant

pytestmark = pytest.mark.stack

WINDOW = 50  # submits in flight on each connector
THROUGHPUT = 1000  # messages/s of each: nothing is held back by it
COUNTRIES = {"FR": "+33639980001", "US": "+14155552671", "DE": "+4915123456789",
             "GB": "+447400123456"}  # fmt: skip
SENDER, TEXT = "ACME", "Your code is 123456"
CONNECTIONS = 16  # of the load
OURS, LAUNCHER, STOCK = "through everything", "/send, our launcher", "/send, stock Jasmin"
MESSAGES = {OURS: 3000, LAUNCHER: 3000, STOCK: 100}
RECEIPTS = "to the last receipt back with whoever asked"
WIRE, CPU = "the wire", "the CPU"  # which of them bounds the bare launcher
AIMS = {WIRE: 0.8, CPU: 0.5}
PATIENCE = 120.0  # seconds
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """Connectors, one for each country, and how late the carrier answers a submit."""

    connectors: int
    milliseconds: int

    def __str__(self) -> str:
        return f"{self.connectors}, {self.milliseconds} ms"

    @property
    def ceiling(self) -> float:
        """Messages/s that the windows let through."""
        return self.connectors * WINDOW * 1000 / self.milliseconds if self.milliseconds else 9e9


CASES = [Case(connectors, late) for connectors in (1, 4) for late in (0, 100)]


@dataclass(frozen=True)
class Result:
    """Messages/s until the last submit and until the last receipt, and CPU seconds of each part for
    1,000 messages."""

    rate: float
    settled: float
    cpu: dict[str, float]


class Bench:
    """One organisation with a carrier for each country, on the gateway that has all of them."""

    def __init__(self, stack: Stack, site: Site, carrier: Carrier, folder: Path) -> None:
        self.stack, self.site, self.carrier = stack, site, carrier
        self.folder = folder
        self.jasmin = stack.gateways["main"]
        self.sink = stack.spawn("sink", [sys.executable, HERE / "sink.py"], env=dict(os.environ))
        log = stack.root / "logs" / "sink.log"
        assert poll(lambda: log.read_text().endswith("\n"), timeout=20)
        self.sink_url = f"http://127.0.0.1:{log.read_text().split()[-1]}"
        self.gateway = make_gateway(self.jasmin)

    def provision(self, *, stock: bool) -> None:
        """An empty gateway, and on it what is measured, as the control plane makes it."""
        self.jasmin.stock = stock
        empty(self.jasmin)
        forget_all()
        organization = make_tenant(self.gateway)
        self.credentials = []
        for country in COUNTRIES:
            ask(self.carrier, "PUT", f"/systems/{country}", {"password": PASSWORD})
            credential = make_credential(
                organization,
                port=self.carrier.port,
                system_id=country,
                password=PASSWORD,
                window=WINDOW,
                throughput=THROUGHPUT,
            )
            CarrierRow.objects.create(
                organization=organization, credential=credential, name=country, countries=[country]
            )
            self.credentials.append(credential)
        self.key = make_api_key(organization).secret
        bound = CredentialStatus.objects.filter(bind_state=BindState.BOUND)
        assert poll(
            lambda: reconcile(self.gateway, trigger="command") and bound.count() == len(COUNTRIES),
            timeout=30,
            interval=0.5,
        )

    def measure(self, kind: str, case: Case) -> Result:
        count = MESSAGES[kind]
        faults = [f"slow:{case.milliseconds / 1000}:on=submit"] if case.milliseconds else []
        for country in COUNTRIES:
            ask(self.carrier, "POST", f"/systems/{country}", {"faults": faults})
        order = self._posts(case, count) if kind == OURS else self._sends(case, count, kind)
        before, reported = self._submits(), self._reports()
        cpu = Cpu(self._parts())
        load = self._run(order)
        assert poll(lambda: self._submits() == before + count, timeout=PATIENCE, interval=0.2)
        over = Message.objects.exclude(finished_at=None)
        if kind == OURS:
            left = Message.objects.filter(finished_at=None)
            assert poll(lambda: not left.exists(), timeout=PATIENCE, interval=0.2)
        else:
            wanted = reported + 2 * count
            assert poll(lambda: self._reports() == wanted, timeout=PATIENCE, interval=0.2)
        settled = time.time()
        seconds = cpu.used() | {"load": load["cpu"]}
        assert set(over.values_list("status", flat=True)) <= {"delivered"}
        over.delete()
        return Result(
            count / (self._last_submit(case) - load["started"]),
            count / (settled - load["started"]),
            {part: each * 1000 / count for part, each in seconds.items()},
        )

    def _posts(self, case: Case, count: int) -> dict:
        """To the API: the carriers take turns by the countries of the numbers."""
        numbers = list(COUNTRIES.values())[: case.connectors]
        return {
            "url": f"{self.site.base_url}/v1/messages/sms",
            "headers": {"X-API-Key": self.key, "Content-Type": "application/json"},
            "bodies": [
                json.dumps({"to": numbers[n % len(numbers)], "from": SENDER, "body": TEXT})
                for n in range(count)
            ],
        }

    def _sends(self, case: Case, count: int, kind: str) -> dict:
        """To Jasmin, with the parameters that our own sender has, for the same users."""
        ways = list(zip(self.credentials, COUNTRIES.values(), strict=True))[: case.connectors]
        forms = [
            JasminTrunk(
                url="",
                username=each.gateway_key,
                password=each.gateway_password,
                plus=kind == LAUNCHER,
            )._form(Submit("", "", SENDER, to, encode(TEXT)))
            for each, to in ways
        ]
        run = secrets.token_hex(4)
        return {
            "url": f"{self.jasmin.http_url}/send",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "bodies": [
                urlencode(forms[n % len(forms)] | {"dlr-url": f"{self.sink_url}/{run}.{n}"})
                for n in range(count)
            ],
        }

    def _run(self, order: dict) -> dict:
        file = self.folder / "order.json"
        file.write_text(json.dumps(order | {"connections": CONNECTIONS}))
        done = subprocess.run(
            [sys.executable, HERE / "load.py", file], capture_output=True, text=True, check=True
        )
        load = json.loads(done.stdout)
        assert sum(load["statuses"].values()) == len(order["bodies"])
        assert load["statuses"].keys() <= {"200", "202"}, load
        return load

    def _parts(self) -> dict[str, list[int]]:
        stack = self.stack
        return {
            "web": [self.site.web.pid],
            "worker": [self.site.worker.pid],
            "Jasmin": [self.jasmin.pid],
            "RabbitMQ": [self.jasmin.rabbitmq.pid],
            "Redis": [stack._redis.pid, self.jasmin.redis.pid],
            "PostgreSQL": [stack._postgres.pid],
            "receiver": [self.sink.pid],
            "carrier": [self.carrier.pid],
        }

    def _submits(self) -> int:
        return sum(each["submits"] for each in ask(self.carrier, "GET", "/systems").values())

    def _last_submit(self, case: Case) -> float:
        """Unix seconds."""
        accounts = list(COUNTRIES)[: case.connectors]
        last = [ask(self.carrier, "GET", f"/systems/{each}/submits?last=1") for each in accounts]
        return max(datetime.fromisoformat(each["at"]).timestamp() for (each,) in last)

    def _reports(self) -> int:
        with urlopen(self.sink_url) as answer:
            return int(answer.read())


@pytest.fixture
def bench(
    stack: Stack, transactional_db: None, carrier: Carrier, tmp_path: Path
) -> Iterator[Bench]:
    environ = environment(stack, "bench")
    server, _, _ = environ["REDIS_URL"].rpartition("/")
    # Tasks of its own, and logs as in production.
    site = Site(stack, "bench", environ | {"REDIS_URL": f"{server}/2", "LOG_LEVEL": "INFO"})
    site.start()
    made = Bench(stack, site, carrier, tmp_path)
    servers.clean.discard(made.jasmin)
    yield made
    made.jasmin.stock = False
    site.stop()
    made.sink.kill()


def test_messages(bench: Bench) -> None:
    results: dict[tuple[Case, str], Result] = {}
    for stock, kinds in ((False, (LAUNCHER, OURS)), (True, (STOCK,))):
        bench.provision(stock=stock)
        for case in CASES:
            for kind in kinds:
                results[case, kind] = bench.measure(kind, case)
    print_rates(results)
    print_cpu(results)


def print_rates(results: dict[tuple[Case, str], Result]) -> None:
    print(f"\n\nMessages/s from the first request on ({os.cpu_count()} cores)")
    for title, measure in (("to the last submit at the carrier", "rate"), (RECEIPTS, "settled")):
        print(f"  {title}")
        print_table(results, measure)


def print_table(results: dict[tuple[Case, str], Result], measure: str) -> None:
    kinds = (OURS, LAUNCHER, STOCK)
    print(
        f"    {'connectors, answers after':<26}" + "".join(f"{kind:>22}" for kind in kinds), end=""
    )
    print(f"{'ours / our launcher':>22}")
    for case in CASES:
        rates = {kind: getattr(results[case, kind], measure) for kind in kinds}
        bound = WIRE if results[case, LAUNCHER].rate > 0.8 * case.ceiling else CPU
        print(f"    {case!s:<26}" + "".join(f"{rates[kind]:>22.0f}" for kind in kinds), end="")
        print(f"{rates[OURS] / rates[LAUNCHER]:>22.2f} (aim: {AIMS[bound]}, {bound} bounds)")


def print_cpu(results: dict[tuple[Case, str], Result]) -> None:
    parts = list(next(iter(results.values())).cpu)
    print("CPU seconds of each part per 1,000 messages, until all have their receipts")
    print(f"  {'':<42}" + "".join(f"{part:>11}" for part in [*parts, "all"]))
    for case in CASES:
        for kind in (OURS, LAUNCHER, STOCK):
            cpu = results[case, kind].cpu
            seconds = [*cpu.values(), sum(cpu.values())]
            print(f"  {case!s:<20}{kind:<22}" + "".join(f"{each:>11.2f}" for each in seconds))
