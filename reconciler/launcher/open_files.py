"""The limit of open files: one for the connection of each connector, and some for the rest.

Jasmin's fault: it opens two files a connector, one of them a log, and keeps to the soft limit,
mostly 1,024: a gateway ends at 490 connectors.
"""

from __future__ import annotations

import resource

OTHERS = 300  # for Jasmin itself, SMPP clients and the site


def raise_limit() -> None:
    """Raise the soft limit to the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def carries() -> int:
    """How many connectors the limit allows: of binds with more than one connection, fewer."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(0, soft - OTHERS)


def report() -> str:
    """The line of `--check`, and of each start."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return f"files: {soft} may be open: {carries()} connectors fit"
