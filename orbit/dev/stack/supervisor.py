"""Restarts gateways that have ended by themselves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.jasmin import Jasmin

logger = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds between two checks
LONGEST_PAUSE = 30.0  # seconds between two tries to start a gateway that ends again and again


class Supervisor:
    """A thread that checks the gateways that have `supervised` set."""

    def __init__(self, gateways: Collection[Jasmin]) -> None:
        self._watches = [Watch(gateway) for gateway in gateways]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop checking. A start under way fails as soon as its servers are stopped."""
        self._stopped.set()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL):
            for watch in self._watches:
                try:
                    watch.check()
                except StackError as error:
                    if self._stopped.is_set():
                        return
                    logger.warning("Gateway %s: %s", watch.gateway.name, error)


class Watch:
    """Checks one gateway, and starts it again if it has ended without `stop`; waits longer after
    each restart."""

    def __init__(self, gateway: Jasmin) -> None:
        self.gateway = gateway
        self._pause = 0.0
        self._not_before = 0.0

    def check(self) -> None:
        gateway = self.gateway
        # Another thread is starting or stopping it right now.
        if not gateway.lock.acquire(blocking=False):
            return
        try:
            if gateway.supervised and gateway.wanted and time.monotonic() >= self._not_before:
                self._restart_if_ended(gateway)
        finally:
            gateway.lock.release()

    def _restart_if_ended(self, gateway: Jasmin) -> None:
        if gateway.is_running():
            self._pause = 0.0
            return
        logger.warning("Gateway %s has ended, starting it again", gateway.name)
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or INTERVAL)
        self._not_before = time.monotonic() + self._pause
        gateway.start()
