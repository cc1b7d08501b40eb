"""Everything that Jasmin logs goes to one place, its standard output.

Jasmin's fault (a dozen places, such as routing/router.py:37): each part opens a file of its own,
turns it over by itself and keeps all of them for ever; where one may be sent to standard output,
its lines don't say which part wrote them.

The cure: in place of the handler of files it gets one that writes to standard output, with the
part's name. Whoever runs it keeps, turns over and forgets: systemd, Docker, a supervisor.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from typing import Any

FORM = "%(asctime)s %(levelname)-8s %(name)s %(message)s"


class OneLog(logging.StreamHandler):
    """Stands in for `TimedRotatingFileHandler`; made before Jasmin is loaded."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(sys.stdout)

    def setFormatter(self, _: logging.Formatter | None) -> None:  # noqa: N802 - as `logging` has it
        super().setFormatter(logging.Formatter(FORM))


def correct() -> None:
    logging.handlers.TimedRotatingFileHandler = OneLog
