"""Messages through one bind on each path into a gateway, beside Debian's Kannel: one table.

Measured at the carrier (the first fifth of the submits does not count) and to the last report with
the sender, with the CPU that each process takes for 1,000 messages. All of it is on this
machine, and shares its cores with the carrier and the load.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from orbit.dev.stack import Stack
from tests.benchmarks.carrier import PASSWORD, Carrier, ask
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.kannel import Kannel
from tests.benchmarks.sending_paths import (
    HttpApiPath,
    KannelPath,
    LanePath,
    Load,
    SendingPath,
    SmppServerPath,
    StockHttpApiPath,
    start_as,
)
from tests.fixtures.stack import empty
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

ANSWERS = (0, 20, 100)  # milliseconds
SECONDS = 3  # that a measurement takes
LEAST = 60  # messages
THROUGHPUTS = (50, 100, 200, 1000)
ADDED = 30  # connectors


@dataclass(frozen=True)
class Row:
    """`rate`: submits/s at the carrier; `settled`: messages/s from the first request to the last
    report; `cpu`: milliseconds a message, by process."""

    path: str
    milliseconds: int
    window: int
    count: int
    rate: float
    settled: float
    cpu: dict[str, float]


class Bench:
    def __init__(self, carrier: Carrier, load: Load) -> None:
        self._carrier, self._load = carrier, load

    def measure(self, path: SendingPath, milliseconds: int, window: int) -> Row:
        account = f"w{secrets.token_hex(3)}"
        faults = [f"slow:{milliseconds / 1000}:on=submit"] if milliseconds else []
        ask(self._carrier, "PUT", f"/systems/{account}", {"password": PASSWORD, "faults": faults})
        ideal = window * 1000 / milliseconds if milliseconds else path.most
        count = max(LEAST, int(min(ideal, path.most) * SECONDS))
        path.start(account, window)
        pids = path.pids() | {"carrier": [self._carrier.pid], "sink": [self._load.sink.pid]}
        cpu = Cpu(pids)
        run = path.send(count)
        used = cpu.used() | {"load": run.cpu}
        rate = self.rate(account, count)
        path.stop()
        ask(self._carrier, "DELETE", f"/systems/{account}")
        return Row(
            path.name,
            milliseconds,
            window,
            count,
            rate,
            count / (run.last_report - run.started),
            {part: seconds * 1000 / count for part, seconds in used.items()},
        )

    def rate(self, account: str, count: int) -> float:
        path = f"/systems/{account}/submits?last={count * 4 // 5}"
        submits = ask(self._carrier, "GET", path)
        first, last = (datetime.fromisoformat(submits[n]["at"]) for n in (0, -1))
        return (len(submits) - 1) / (last - first).total_seconds()


@pytest.fixture
def load(stack: Stack, tmp_path: Path) -> Iterator[Load]:
    made = Load(stack, tmp_path)
    yield made
    made.sink.kill()


@pytest.fixture
def client(stack: Stack) -> Iterator[JasminClient]:
    jasmin = stack.gateways["main"]
    empty(jasmin)
    with JasminClient(jasmin) as client:
        yield client
    jasmin.stock = False


@pytest.fixture
def kannel(stack: Stack, carrier: Carrier, tmp_path: Path) -> Iterator[Kannel]:
    made = Kannel(stack, carrier, tmp_path)
    yield made
    made.stop()


def test_wire(client: JasminClient, kannel: Kannel, carrier: Carrier, load: Load) -> None:
    of_jasmin = [
        each(client, carrier, load)
        for each in (LanePath, HttpApiPath, SmppServerPath, StockHttpApiPath)
    ]
    print_table(Bench(carrier, load), [KannelPath(kannel, load), *of_jasmin])


def print_table(bench: Bench, paths: list[SendingPath]) -> None:
    """Each row when it is measured."""
    print("\n\nOne bind: messages/s, and CPU milliseconds a message of each process")
    heads = ("answers", "window", "messages", "ideal", "at carrier", "of ideal", "to reports")
    print(f"  {'':<24}" + "".join(f"{head:>11}" for head in heads) + "  CPU")
    for path in paths:
        for milliseconds in ANSWERS:
            for window in path.windows:
                print_row(bench.measure(path, milliseconds, window))


def print_row(row: Row) -> None:
    ideal = row.window * 1000 / row.milliseconds if row.milliseconds else 0
    cells = (
        f"{row.milliseconds} ms",
        row.window,
        row.count,
        f"{ideal:.0f}" if ideal else "",
        f"{row.rate:.0f}",
        f"{row.rate / ideal:.2f}" if ideal else "",
        f"{row.settled:.0f}",
    )
    cpu = ", ".join(f"{part} {each:.2f}" for part, each in row.cpu.items())
    print(f"  {row.path:<24}" + "".join(f"{cell:>11}" for cell in cells) + f"  {cpu}", flush=True)


def test_throughput(client: JasminClient, carrier: Carrier, load: Load) -> None:
    """What leaves where a connector may send so many a second."""
    print("\n\nWhat leaves through the lane at a throughput of")
    for throughput in THROUGHPUTS:
        account = f"t{secrets.token_hex(3)}"
        ask(carrier, "PUT", f"/systems/{account}", {"password": PASSWORD})
        path = LanePath(client, carrier, load)
        path.open(account, submit_throughput=throughput, window=50)
        path.send(throughput * SECONDS)
        rate = Bench(carrier, load).rate(account, throughput * SECONDS)
        path.stop()
        print(f"  {throughput:4}/s  {rate:7.1f}/s  {rate / throughput - 1:+.1%}")


def test_adding(client: JasminClient) -> None:
    print("\n\nsmppccm -a in one session, median")
    for stock in (False, True):
        start_as(client.jasmin, stock=stock)
        print(f"  {'stock' if stock else 'launcher':<9} {adding(client) * 1000:6.1f} ms")


def adding(client: JasminClient) -> float:
    """Seconds that a connector takes to be added."""
    seconds = []
    with client.person() as person:
        for number in range(ADDED):
            for line in ("smppccm -a", f"cid added-{number}", "port 1"):
                person.type(line)
            begun = time.perf_counter()
            person.type("ok")
            seconds.append(time.perf_counter() - begun)
    return median(seconds)
