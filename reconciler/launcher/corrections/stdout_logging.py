"""All of Jasmin's logs go to standard output.

Jasmin's fault (a dozen places, such as routing/router.py:37): each component opens a log file of
its own, rotates it by itself and keeps all old ones for ever. Sent to standard output, its lines
don't say which component wrote them.

The cure: the handler of log files is replaced by one that writes to standard output with the
component's name. systemd, Docker or another supervisor stores and rotates.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from typing import Any

FORM = "%(asctime)s %(levelname)-8s %(name)s %(message)s"


class StdoutHandler(logging.StreamHandler):
    """Stands in for `TimedRotatingFileHandler`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(sys.stdout)

    def setFormatter(self, _: logging.Formatter | None) -> None:  # noqa: N802 - as `logging` has it
        super().setFormatter(logging.Formatter(FORM))


def correct() -> None:
    logging.handlers.TimedRotatingFileHandler = StdoutHandler
