"""What a receiver brings to a gateway: opted-out numbers, and texts of phones for platforms.

A thread a gateway beside its reader (`readers`), one of all receivers at a time. It looks every
`LOOK` seconds, and at once when a page of the log was applied.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection

from orbit.operations import outages
from reconciler import lock
from reconciler.gateway_client.operator_client import GatewayAway, OperatorClient
from reconciler.jasmin.capabilities import DELIVERIES, OPT_OUTS
from reconciler.models import Gateway
from reconciler.opt_out_copies import Copy
from reconciler.receiver.platform_texts import PlatformTexts

LOOK = 1.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds, after a failure; doubled with each

DATABASE = "the database"

logger = logging.getLogger(__name__)


class Errands(threading.Thread):
    """Runs until `end` is called."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(name=f"errands to {gateway.name}", daemon=True)
        self._gateway = gateway
        self._client = OperatorClient(gateway)
        self._opt_outs = Copy(gateway)
        self._texts = PlatformTexts(gateway)
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._failures: dict[str, int] = {}

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        self._ended.set()
        self._woken.set()

    def run(self) -> None:
        try:
            while not self._ended.is_set():
                self._hold()
        finally:
            self._client.close()
            connection.close()

    def _hold(self) -> None:
        """Run errands while this process has the lock; wait without it."""
        try:
            with lock.held(f"errands-{self._gateway.pk}") as ours:
                while ours and not self._ended.is_set():
                    self._woken.clear()
                    self._turn()
                    self._failures.pop(DATABASE, None)
                    self._woken.wait(LOOK)
            self._ended.wait(LOOK)
        except DatabaseError as error:
            connection.close()  # the lock goes with it
            self._failed(DATABASE, outages.why(error))

    def _turn(self) -> None:
        """Raises DatabaseError."""
        columns = Gateway.objects.filter(pk=self._gateway.pk, enabled=True)
        capabilities = columns.values_list("capabilities", flat=True).first() or []
        if OPT_OUTS in capabilities:
            self._do("opted-out numbers", lambda: self._opt_outs.turn(self._client))
        if DELIVERIES in capabilities:
            self._do("texts for platforms", lambda: self._texts.turn(self._client))

    def _do(self, what: str, errand: Callable[[], None]) -> None:
        """Run an errand; one that fails does not keep the others from running."""
        try:
            errand()
            self._failures.pop(what, None)
        except GatewayAway as error:
            self._failed(what, str(error))
        except DatabaseError:
            raise
        except Exception:
            logger.exception("%s of %s", what, self._gateway)
            self._failed(what, "a fault of ours")

    def _failed(self, what: str, why: str) -> None:
        failures = self._failures[what] = self._failures.get(what, 0) + 1
        if failures == 1:
            logger.warning("%s of %s: %s", what, self._gateway, why)
        self._ended.wait(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)))
