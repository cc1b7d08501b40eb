"""Timers use the monotonic clock.

Twisted's fault (twisted/python/runtime.py:15): timers use `time.time`. A clock set back by an hour
delays all timers by an hour; one set forward lets all of them fire at once.

The cure: the reactor reads `time.monotonic`. To be applied before the first timer is set.
"""

from __future__ import annotations

import time

from twisted.internet import reactor


def correct() -> None:
    reactor.seconds = time.monotonic
