"""Ends the process with a status and a line that says why, so that a supervisor restarts it."""

from __future__ import annotations

import sys

from twisted.internet import reactor

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h

_reasons: list[str] = []


def end_process(reason: str) -> None:
    """Stop the reactor, at once or as soon as it runs. Only the first reason is printed."""
    if not _reasons:
        print(f"ended: {reason}", file=sys.stderr)
        reactor.callWhenRunning(reactor.stop)
    _reasons.append(reason)


def status() -> int:
    """The status to exit with."""
    return TRY_AGAIN if _reasons else 0
