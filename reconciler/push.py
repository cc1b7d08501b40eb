"""The gateway port of `messaging`, by a task: what was committed is in Jasmin within a second."""

from __future__ import annotations

import logging

from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from reconciler import tasks

logger = logging.getLogger(__name__)

DEBOUNCE = 10  # seconds; the task takes the mark away when it starts


class Push:
    """Queue one scoped pass for a burst of commits of an organisation."""

    def push(self, organization_id: str) -> None:
        mark = tasks.mark(organization_id)
        try:
            if cache.add(mark, 1, DEBOUNCE):
                try:
                    tasks.push.apply_async((organization_id,), expires=tasks.PUSH_EXPIRES)
                except BaseException:
                    cache.delete(mark)  # the next commit has to try again
                    raise
        except (OperationalError, RedisError, OSError) as error:
            # The next beat finds it: late, not lost.
            logger.warning("no push for %s: %s", organization_id, error)

    def smpp_address(self, organization_id: str) -> tuple[str, int] | None:
        """None: gateways have no address of their SMPP server yet."""
        return None
