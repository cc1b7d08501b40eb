"""Timers of the reactor, while the wall clock stands still."""

from __future__ import annotations

from tests.reconciler.launcher import jasmin_python

PROGRAM = """
import time
from twisted.internet import reactor
from reconciler.launcher.corrections import monotonic_clock
monotonic_clock.correct()
time.time = lambda: 0.0
assert reactor.seconds is time.monotonic
timer = reactor.callLater(0.01, reactor.stop)
assert 0 < timer.getTime() - time.monotonic() <= 0.01
reactor.run()
print("rang")
"""


def test_a_clock_that_stands_still_holds_up_nothing() -> None:
    done = jasmin_python.run(PROGRAM)

    assert done.stdout == "rang\n", done.stderr
