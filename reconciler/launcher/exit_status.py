"""Ends the process with a status and a line that says why, so that its supervisor starts another.

No fault of its own: `listeners` calls it.
"""

from __future__ import annotations

import sys

from twisted.internet import reactor

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h

_reasons: list[str] = []


def end(reason: str) -> None:
    """Stop the reactor, at once or as soon as it runs. The first reason is the one that is told."""
    if not _reasons:
        print(f"ended: {reason}", file=sys.stderr)
        reactor.callWhenRunning(reactor.stop)
    _reasons.append(reason)


def status() -> int:
    """With what the process has to end."""
    return TRY_AGAIN if _reasons else 0
