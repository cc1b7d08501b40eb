"""Log filters: an outage is one line instead of a traceback for each task; idle hours are silent.

settings.LOGGING names them for the web process. Workers and beat replace Django's handlers by
Celery's, which get the same filters here. At level DEBUG nothing is filtered.
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
LONGEST = 200  # characters of the logged line
# Logger → the function that logs each task as sent, received or done; "" is any function.
_CHATTER = {"celery.beat": "apply_entry", "celery.worker.strategy": "", "celery.app.trace": ""}
_AWAY = (RedisConnectionError, RedisTimeoutError, BrokerError)


class OutageFilter(logging.Filter):
    """Failures by a server that is away: the first is one line, the next are counted and logged
    every PAUSE seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        server = _server(error)
        if not server or _is_debugging():
            return True
        now = time.monotonic()
        if now - self._logged_at.get(server, -PAUSE) < PAUSE:
            self._left_out[server] += 1
            return False
        self._logged_at[server] = now
        more = self._left_out.pop(server, 0)
        first, *_ = record.getMessage().splitlines() or [""]
        record.msg = f"{server} is away ({outages.why(error)}): {first[:LONGEST]}"
        record.msg += f"; {more} more failures since the last line" if more else ""
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


class TaskChatterFilter(logging.Filter):
    """Leaves out Celery's lines about tasks that go well."""

    def filter(self, record: logging.LogRecord) -> bool:
        function = _CHATTER.get(record.name)
        is_chatter = function is not None and function in ("", record.funcName)
        return record.levelno != logging.INFO or not is_chatter or _is_debugging()


def _server(error: BaseException | None) -> str:
    """The name of the server that is away, by this error; "" for any other error."""
    if error is None:
        return ""
    if outages.is_database_away(error):
        return outages.database()[0]
    return outages.redis()[0] if isinstance(error, _AWAY) else ""


def _is_debugging() -> bool:
    return logging.getLogger().isEnabledFor(logging.DEBUG)


@signals.after_setup_logger.connect
@signals.after_setup_task_logger.connect
def _add_filters(logger: logging.Logger, **_: Any) -> None:
    for handler in logger.handlers:
        for kind in (OutageFilter, TaskChatterFilter):
            if not any(isinstance(each, kind) for each in handler.filters):
                handler.addFilter(kind())
