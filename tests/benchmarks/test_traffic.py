"""Messages through one connector, measured at the carrier: stock Jasmin and the launcher.

The messages wait in the queue before the connector starts; the first fifth of them does not count.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from statistics import median

import pytest

from orbit.stack import Jasmin, Stack
from orbit.stack.processes import poll
from tests.benchmarks.carrier import Carrier, ask
from tests.fixtures.stack import empty
from tests.reconciler.launcher.desk import PASSWORD, Desk

pytestmark = pytest.mark.stack

ANSWERS = (0, 20, 100)  # milliseconds
WINDOWS = (1, 10, 50)
THROUGHPUTS = (50, 100, 200)
ADDED = 30  # connectors
SECONDS = 3  # that a measurement is to take
STOCK, LAUNCHER = "stock", "launcher"


@pytest.fixture
def desks(stack: Stack) -> Iterator[dict[str, Desk]]:
    """Not started: there is one gateway, which each takes in turn."""
    jasmin = stack.gateways["main"]
    found = {STOCK: Desk(jasmin), LAUNCHER: Desk(jasmin)}
    yield found
    jasmin.stock = False
    for desk in found.values():
        desk.close()


def test_traffic(desks: dict[str, Desk], carrier: Carrier) -> None:
    print("\n\nMessages/s of one connector, by the carrier's answer time and the window")
    for kind, desk in desks.items():
        take(desk.jasmin, kind)
        for milliseconds in ANSWERS:
            for window in (1,) if kind == STOCK else WINDOWS:
                ideal = window * 1000 / milliseconds if milliseconds else 400
                rate = leaving(desk, carrier, milliseconds, min(ideal, 400), window=window)
                print(f"  {kind:<9} {milliseconds:4} ms  window {window:3}  {rate:6.0f}/s")
    print("smppccm -a in one session, median")
    for kind, desk in desks.items():
        take(desk.jasmin, kind)
        print(f"  {kind:<9} {adding(desk) * 1000:6.1f} ms")
    print("What leaves at a throughput of")
    for kind, desk in desks.items():
        take(desk.jasmin, kind)
        for throughput in THROUGHPUTS:
            keys = {} if kind == STOCK else {"window": 50}
            rate = leaving(desk, carrier, 20, throughput, submit_throughput=throughput, **keys)
            print(f"  {kind:<9} {throughput:4}/s  {rate:6.1f}/s")


def take(jasmin: Jasmin, kind: str) -> None:
    jasmin.stock = kind == STOCK
    empty(jasmin)


def adding(desk: Desk) -> float:
    """Seconds that a connector takes to be added."""
    seconds = []
    with desk.person() as person:
        for number in range(ADDED):
            for line in ("smppccm -a", f"cid added-{number}", "port 1"):
                person.type(line)
            begun = time.perf_counter()
            person.type("ok")
            seconds.append(time.perf_counter() - begun)
    return median(seconds)


def leaving(
    desk: Desk, carrier: Carrier, milliseconds: int, expected: float, **keys: object
) -> float:
    """Submits/s that the carrier took."""
    keys = {key: value for key, value in keys.items() if key != "window" or value != 1}
    account = f"t{secrets.token_hex(2)}"
    faults = [f"slow:{milliseconds / 1000}:on=submit"] if milliseconds else []
    ask(carrier, "PUT", f"/systems/{account}", {"password": PASSWORD, "faults": faults})
    count = max(50, int((expected if not desk.jasmin.stock else min(expected, 40)) * SECONDS))
    cid = desk.make(carrier, account, **keys)
    for _ in range(count):
        desk.send(cid)
    desk.start(cid)
    assert poll(
        lambda: ask(carrier, "GET", f"/systems/{account}")["submits"] == count,
        timeout=120,
        interval=0.5,
    )
    submits = ask(carrier, "GET", f"/systems/{account}/submits?last={count * 4 // 5}")
    first, last = (datetime.fromisoformat(submits[n]["at"]) for n in (0, -1))
    desk.type(f"smppccm -r {cid}")
    return (len(submits) - 1) / (last - first).total_seconds()
