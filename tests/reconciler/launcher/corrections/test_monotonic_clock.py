"""Timers go by a clock that nobody sets."""

from __future__ import annotations

from tests.reconciler.launcher import inside

PROGRAM = """
import time
from twisted.internet import reactor
from reconciler.launcher import monotonic
monotonic.correct()
time.time = lambda: 0.0
assert reactor.seconds is time.monotonic
timer = reactor.callLater(0.01, reactor.stop)
assert 0 < timer.getTime() - time.monotonic() <= 0.01
reactor.run()
print("rang")
"""


def test_a_clock_that_stands_still_holds_up_nothing() -> None:
    done = inside.run(PROGRAM)

    assert done.stdout == "rang\n", done.stderr
