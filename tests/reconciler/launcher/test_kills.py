"""jasmind killed a hundred times at random moments, under load: what the carrier saw.

A counted proof, not a measurement: nothing is at the carrier twice, nothing that was accepted stays
without a report, the store is always read. What is unknown is counted.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack import Stack
from orbit.stack.processes import poll
from tests.fixtures.stack import empty, servers
from tests.reconciler.launcher.desk import PASSWORD, Desk

pytestmark = [pytest.mark.stack, pytest.mark.kills]

KILLS = 100
LONGEST = 0.6  # seconds between a bind and its kill
SEED = 6


def test_a_hundred_kills(stack: Stack, make_smsc: Callable[..., SimulatorThread]) -> None:
    smsc = make_smsc(journal=False)
    smsc.add_system("acme", PASSWORD, faults=["slow:0.02:on=submit"])
    jasmin = stack.gateways["main"]
    servers.clean.discard(jasmin)
    empty(jasmin)
    with Desk(jasmin) as desk:
        cid = desk.open(smsc, window=10)
        accepted: dict[str, str] = {}
        over = threading.Event()
        load = threading.Thread(target=keep_sending, args=(desk, cid, accepted, over))
        load.start()
        moments = random.Random(SEED)
        for _ in range(KILLS):
            over.wait(moments.uniform(0, LONGEST))
            jasmin.kill()
            jasmin.start()
            desk.wait_until_bound(cid)
        over.set()
        load.join()
        poll(lambda: all(desk.reported(each) for each in accepted), timeout=60)

        seen = Counter(submit.text for submit in smsc.system("acme").submits)
        said = {each: desk.reported(each) for each in accepted}
        reports = Counter(states[-1] for states in said.values() if states)
        lost = [accepted[each] for each, states in said.items() if not states]
        print(f"\n\n{KILLS} kills: {len(accepted)} messages accepted, {len(seen)} at the carrier")
        print(f"  twice: {sum(count > 1 for count in seen.values())}; reported: {dict(reports)}")
        print(f"  lost, without a report: {lost}")
        assert max(seen.values()) == 1
        assert not lost
        assert "put aside" not in jasmin._log.read_text()


def keep_sending(desk: Desk, cid: str, accepted: dict[str, str], over: threading.Event) -> None:
    """Message after message, whether Jasmin is there or not; every tenth time it persists."""
    number = 0
    while not over.wait(0.01):
        number += 1
        text = f"number {number}"
        with contextlib.suppress(OSError, AssertionError):
            accepted[desk.send(cid, text, dlr_level=1)] = text
            if number % 10 == 0:
                desk.type("persist")
