"""Reads the logs of all gateways: a thread a gateway, one reader of a log at a time.

A reader holds its log's lock (`lock.py`: gone with its process or its connection); the readers of
other receiver processes stand by and take over. Should two read at once all the same, the offset
in the database lets only one of them through (`log_offsets.apply`).
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, close_old_connections, connection

from orbit.operations import outages
from reconciler import lock
from reconciler.gateway_client.log_client import WAIT, LogAway, LogClient, OtherLog
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets
from reconciler.receiver.errands import Errands
from reconciler.receiver.log_offsets import Overtaken

LOOK = 1.0  # seconds between two looks for new gateways, and for a lock that is taken
STOP_PATIENCE = 2.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds, after a failure; doubled with each

logger = logging.getLogger(__name__)


class Receiver:
    """`run` reads until `stop` is called, from any thread or signal handler."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._readers: dict[str, Reader] = {}

    def run(self) -> None:
        is_logged = False
        while not self._stopped.is_set():
            try:
                close_old_connections()
                self._follow({each.pk: each for each in log_offsets.gateways_with_log()})
                is_logged = False
            except DatabaseError as error:
                if not is_logged:
                    logger.warning("the database is away: %s", outages.why(error))
                is_logged = True
                connection.close()
            self._stopped.wait(LOOK)
        for reader in self._readers.values():
            reader.end()
        for reader in self._readers.values():
            reader.join(STOP_PATIENCE)  # one that still waits for its gateway ends with the process
        connection.close()

    def stop(self) -> None:
        self._stopped.set()

    def _follow(self, gateways: dict[str, Gateway]) -> None:
        """Start a reader for each gateway; end those of gateways that are gone or have moved."""
        for pk, reader in list(self._readers.items()):
            gateway = gateways.get(pk)
            if gateway is None or _place(gateway) != _place(reader.gateway):
                reader.end()
            if not reader.is_alive():
                del self._readers[pk]
        for pk, gateway in gateways.items():
            if pk not in self._readers:
                self._readers[pk] = Reader(gateway)
                self._readers[pk].start()


class Reader(threading.Thread):
    """Reads one gateway's log while it has the gateway's lock."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(name=f"log of {gateway.name}", daemon=True)
        self.gateway = gateway
        self._ended = threading.Event()
        self._failures = 0
        self._last_failure = ""
        self._row: GatewayLog | None = None  # as the last page left it
        self._errands = Errands(gateway)

    def end(self) -> None:
        self._ended.set()
        self._errands.end()

    def run(self) -> None:
        client = LogClient(self.gateway)
        self._errands.start()
        try:
            while not self._ended.is_set():
                self._turn(client)
        finally:
            client.close()
            connection.close()
            self._errands.end()
            self._errands.join()

    def _turn(self, client: LogClient) -> None:
        """Read until a failure; then, or without the lock, wait."""
        try:
            with lock.held(f"log-{self.gateway.pk}") as ours:
                while ours and not self._ended.is_set():
                    self._read(client)
                    self._failures = 0
            self._ended.wait(LOOK)
        except Overtaken:
            logger.warning("another receiver reads %s too", self.gateway)
            self._ended.wait(LOOK)
        except LogAway as error:
            self._fail(str(error))
        except DatabaseError as error:
            connection.close()  # the lock goes with it
            away = outages.is_database_away(error)
            what = "the database is away" if away else "its records can't be written"
            self._fail(f"{what}: {outages.why(error)}")
        except Exception:
            logger.exception("the log of %s could not be read", self.gateway)
            connection.close()
            self._fail("a fault of ours")

    def _read(self, client: LogClient) -> None:
        """Read and apply one page. Raises LogAway, Overtaken, DatabaseError."""
        row, self._row = self._row or log_offsets.row_for(self.gateway), None
        try:
            # Before the log's id is known the gateway gets no submits: ask for an answer at once.
            page = client.read(row.log, row.offset, wait=WAIT if row.log else 0)
        except OtherLog:
            log_offsets.start_over(row)
            return
        except LogAway as error:
            log_offsets.mark_failed(row, error.public)
            raise
        if row.log and page.log != row.log:
            log_offsets.start_over(row)
            return
        log_offsets.apply(row, page)
        if page.records:
            self._errands.wake()
        self._row, self._last_failure = row, ""

    def _fail(self, why: str) -> None:
        if why != self._last_failure:
            logger.warning("the log of %s can't be read: %s", self.gateway, why)
        self._last_failure = why
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        self._ended.wait(pause)


def _place(gateway: Gateway) -> tuple[str, str, str]:
    return gateway.http_url, gateway.jcli_username, gateway.jcli_password
