"""Timers go by a clock that nobody sets.

Twisted's fault (twisted/python/runtime.py:15): timers are kept by `time.time`. A clock that is set
back an hour holds all of them up for an hour; one that is set forward lets all of them end at once.

The cure: the reactor reads `time.monotonic`. It must come before the first timer.
"""

from __future__ import annotations

import time

from twisted.internet import reactor


def correct() -> None:
    reactor.seconds = time.monotonic
