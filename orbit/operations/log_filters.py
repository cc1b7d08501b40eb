"""Filters of the log: an outage is a line, not a traceback a task, and idle hours say nothing.

settings.LOGGING names them for the web; a worker and the beat replace Django's handlers by
Celery's, which get the same filters here. At level DEBUG nothing is left out.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import Any

from celery import signals
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from orbit.operations import outages

PAUSE = 30.0  # seconds between two lines about the same server
LONGEST = 200  # characters of the line that is told
# Logger → the function that says, at each task, that it was sent, received or done; "" is any.
_CHATTER = {"celery.beat": "apply_entry", "celery.worker.strategy": "", "celery.app.trace": ""}
_AWAY = (RedisConnectionError, RedisTimeoutError, BrokerError)


class Outages(logging.Filter):
    """A server that is away: the first failure is told in one line, those that follow at intervals
    with their number."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[str, float] = {}
        self._kept_back: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        server = _server(error)
        if not server or _is_debugging():
            return True
        now = time.monotonic()
        if now - self._told_at.get(server, -PAUSE) < PAUSE:
            self._kept_back[server] += 1
            return False
        self._told_at[server] = now
        more = self._kept_back.pop(server, 0)
        first, *_ = record.getMessage().splitlines() or [""]
        record.msg = f"{server} is away ({outages.why(error)}): {first[:LONGEST]}"
        record.msg += f"; {more} more failures since the last line" if more else ""
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


class Chatter(logging.Filter):
    """What Celery says of each task that goes well."""

    def filter(self, record: logging.LogRecord) -> bool:
        function = _CHATTER.get(record.name)
        is_chatter = function is not None and function in ("", record.funcName)
        return record.levelno != logging.INFO or not is_chatter or _is_debugging()


def _server(error: BaseException | None) -> str:
    """The server whose absence this error shows; "" for any other."""
    if error is None:
        return ""
    if outages.is_database_away(error):
        return outages.database()[0]
    return outages.redis()[0] if isinstance(error, _AWAY) else ""


def _is_debugging() -> bool:
    return logging.getLogger().isEnabledFor(logging.DEBUG)


@signals.after_setup_logger.connect
@signals.after_setup_task_logger.connect
def _quiet(logger: logging.Logger, **_: Any) -> None:
    for handler in logger.handlers:
        for kind in (Outages, Chatter):
            if not any(isinstance(each, kind) for each in handler.filters):
                handler.addFilter(kind())
