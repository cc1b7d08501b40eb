"""The gateway port of `messaging`, as this app implements it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.gateway import Refused, Trunk
from reconciler import log_offsets, placements, submits, tasks

logger = logging.getLogger(__name__)

DEBOUNCE = 15  # seconds; the task takes the mark away when its pass begins


class Port:
    """What `messaging.gateway.Gateway` asks for."""

    def push(self, organization_id: str) -> None:
        """Queue one scoped pass for a burst of commits of an organisation."""
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
        gateway = placements.serving(organization_id)
        if gateway is None or not gateway.smpp_host:
            return None
        return gateway.smpp_host, gateway.smpp_port

    def trunks(self, credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
        return submits.trunks(credential_ids)

    def reported_until(self) -> datetime:
        return log_offsets.read_until()
