"""Messages a second through one bind whose carrier answers at once."""

from __future__ import annotations

import pytest

from messaging.smpp.simulator import SimulatorThread
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

COUNT = 80


def rate(desk: Desk, smsc: SimulatorThread) -> float:
    """Messages/s between the first and the last submit, at the carrier."""
    cid = desk.open(smsc)
    smsc.system("acme").faults = ["slow:0.3:first=1"]  # by then all of them wait in the queue
    for _ in range(COUNT):
        desk.send(cid)
    smsc.wait_for(lambda: smsc.system("acme").submit_count == COUNT, timeout=60)
    times = [submit.at for submit in smsc.system("acme").submits[1:]]
    return (len(times) - 1) / (times[-1] - times[0]).total_seconds()


def test_a_bind_is_several_times_as_fast(bare, carrier, request) -> None:
    smsc = carrier()
    stock = rate(request.getfixturevalue("stock"), smsc)
    smsc = carrier()
    launched = rate(request.getfixturevalue("launched"), smsc)
    print(f"stock {stock:.0f}/s, launcher {launched:.0f}/s")

    assert launched > 2 * stock
