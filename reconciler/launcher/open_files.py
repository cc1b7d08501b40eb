"""How many files the process may open: a connection of each connector, and some for all else.

Jasmin's fault: it opens two a connector, one of them a log of its own, and goes by the soft limit,
which is 1,024 at most places: a gateway ends at 490 connectors.
"""

from __future__ import annotations

import resource

OTHERS = 300  # of Jasmin itself, and connections of platforms and of the site


def raise_limit() -> None:
    """Take all that we may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def report() -> str:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return f"files: {soft} may be open: {max(0, soft - OTHERS)} connectors fit"
