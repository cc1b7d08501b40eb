"""What messages notice of their binds: one that is cut, a rotation, another host.

A carrier on raw sockets answers after 20 ms and sends each receipt on any of its binds. Nothing may
be lost or go out twice; what was in flight on a bind that is cut is unknown. `latest`: from the
site's first request until the carrier has the message; `rate back`: from the change until the last
that took longer than a quarter of a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from orbit.dev.stack import Stack
from tests.benchmarks.binds_load import Carrier, Site
from tests.fixtures.stack import empty
from tests.reconciler.launcher.jasmin_client import JasminClient
from tests.reconciler.launcher.lane.smsc import BIND_RX

pytestmark = pytest.mark.stack

SECONDS = float(os.environ.get("BINDS_SECONDS", "6"))  # of traffic; the change is in the middle
LATE = 0.25  # seconds: the rate is back after the last message that takes longer
PAIRS = {"pairs": "yes", "bind": "transmitter"}


@dataclass(frozen=True)
class Row:
    messages: int
    lost: int
    doubled: int
    unknown: int
    receipts: int
    latest: float
    back: float


@pytest.fixture
def client(stack: Stack) -> Iterator[JasminClient]:
    jasmin = stack.gateways["main"]
    empty(jasmin)
    with JasminClient(jasmin) as client:
        yield client


@pytest.fixture
def carriers() -> Iterator[tuple[Carrier, Carrier]]:
    """One, and another host."""
    both = Carrier(), Carrier()
    yield both
    for each in both:
        each.stop()


def test_binds(client: JasminClient, carriers: tuple[Carrier, Carrier]) -> None:
    here, there = carriers

    def typed(cid: str, *lines: str) -> None:
        client.type(f"smppccm -u {cid}", *lines, "ok")

    def rotated(cid: str) -> None:
        typed(cid, "password another")

    def moved(cid: str) -> None:
        typed(cid, f"port {there.port}")

    def cut(_: str) -> None:
        here.cut_one()

    print("\n\nBinds under traffic")
    heads = ("messages", "lost", "doubled", "unknown", "receipts", "latest", "rate back")
    print(f"  {'':<38}" + "".join(f"{head:>11}" for head in heads))
    cases: list[tuple[str, int, dict, Callable[[str], None] | None]] = [
        ("4 binds, 400/s, nothing happens", 400, {"binds": 4}, None),
        ("4 binds, 400/s, one is cut", 400, {"binds": 4}, cut),
        ("4 binds, 200/s, rotation", 200, {"binds": 4}, rotated),
        ("1 bind, 200/s, rotation", 200, {}, rotated),
        ("4 binds, 200/s, another host", 200, {"binds": 4}, moved),
        ("1 bind, 200/s, another host", 200, {}, moved),
        ("1 bind, max_binds 1, 200/s, rotation", 200, {"max_binds": 1}, rotated),
        ("2 pairs, 200/s, a receiver is cut", 200, PAIRS | {"binds": 2},
         lambda _: here.cut_one(BIND_RX)),
        ("2 pairs, 200/s, rotation", 200, PAIRS | {"binds": 2}, rotated),
    ]  # fmt: skip
    for name, rate, keys, change in cases:
        print_row(name, measure(client, (here, there), rate, keys, change))


def measure(
    client: JasminClient,
    carriers: tuple[Carrier, Carrier],
    rate: int,
    keys: dict,
    change: Callable[[str], None] | None,
) -> Row:
    wanted = int(keys.get("binds", 1)) * (2 if "pairs" in keys else 1)
    cid = client.open(carriers[0], window=50, **keys)
    client.wait(lambda: len(carriers[0].bound) == wanted)
    for each in carriers:
        each.arrivals.clear()
    site = Site(client.jasmin, cid, rate)
    time.sleep(SECONDS / 2)
    changed = time.monotonic()
    if change:
        change(cid)
    time.sleep(SECONDS / 2)
    site.stop()
    client.type(f"smppccm -r {cid}")
    return row_of(site, carriers, changed)


def row_of(site: Site, carriers: tuple[Carrier, Carrier], changed: float) -> Row:
    arrivals = [each for carrier in carriers for each in list(carrier.arrivals.items())]
    first: dict[bytes, float] = {}
    for text, times in arrivals:
        first[text] = min(first.get(text, times[0]), times[0])
    lost = len(site.accepted - set(site.ends))
    doubled = sum(len(times) for _, times in arrivals) - len(first)
    assert not lost and not doubled and max(site.ends.values()) == 1
    assert site.kinds["answer"] + site.kinds["no_answer"] == len(site.accepted)
    late = [at - changed for text, at in first.items() if at - site.given[text] > LATE]
    return Row(
        len(site.given),
        lost,
        doubled,
        site.kinds["no_answer"],
        site.kinds["deliver"],
        max(at - site.given[text] for text, at in first.items()),
        max(late, default=0.0),
    )


def print_row(name: str, row: Row) -> None:
    counts = (row.messages, row.lost, row.doubled, row.unknown, row.receipts)
    times = (f"{row.latest * 1000:.0f} ms", f"{row.back:.2f} s")
    print(f"  {name:<38}" + "".join(f"{each:>11}" for each in (*counts, *times)), flush=True)
