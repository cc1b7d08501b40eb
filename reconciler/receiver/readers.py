"""Reading the logs of all gateways: a thread for each, one receiver of a site at a time.

A reader holds its gateway's lock (`lock.py`: gone with its process or its connection); those of
other receivers stand by and take over. Should two read at once all the same, the offset in the
database lets one of them through (`log_offsets.keep`).
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
from reconciler.receiver.log_offsets import Overtaken

LOOK = 1.0  # seconds between two looks at which gateways there are, and at a lock that is taken
STOP_PATIENCE = 2.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds, after a failure; doubled with each

logger = logging.getLogger(__name__)


class Receiver:
    """`run` reads until `stop` is called, from any thread or signal handler."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._readers: dict[str, Reader] = {}

    def run(self) -> None:
        told = False
        while not self._stopped.is_set():
            try:
                close_old_connections()
                self._follow({each.pk: each for each in log_offsets.lanes()})
                told = False
            except DatabaseError as error:
                if not told:
                    logger.warning("the database is away: %s", outages.why(error))
                told = True
                connection.close()
            self._stopped.wait(LOOK)
        for reader in self._readers.values():
            reader.end()
        for reader in self._readers.values():
            reader.join(STOP_PATIENCE)  # one that waits for its gateway ends with the process
        connection.close()

    def stop(self) -> None:
        self._stopped.set()

    def _follow(self, gateways: dict[str, Gateway]) -> None:
        """A reader for each gateway, and none for those that are gone or are reached elsewhere."""
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
        self._said = ""
        self._row: GatewayLog | None = None  # as the last page left it

    def end(self) -> None:
        self._ended.set()

    def run(self) -> None:
        client = LogClient(self.gateway)
        try:
            while not self._ended.is_set():
                self._turn(client)
        finally:
            client.close()
            connection.close()

    def _turn(self, client: LogClient) -> None:
        """Read while all goes well; after a failure, or without the lock, wait."""
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
            said = "the database is away" if away else "its records can't be written"
            self._fail(f"{said}: {outages.why(error)}")
        except Exception:
            logger.exception("the log of %s could not be read", self.gateway)
            connection.close()
            self._fail("a fault of ours")

    def _read(self, client: LogClient) -> None:
        """One page. Raises LogAway, Overtaken, DatabaseError."""
        row, self._row = self._row or log_offsets.of(self.gateway), None
        try:
            # While its id is not known, nothing is given to the gateway: an answer at once.
            page = client.read(row.log, row.offset, wait=WAIT if row.log else 0)
        except OtherLog:
            log_offsets.forget(row)
            return
        except LogAway as error:
            log_offsets.failed(row, error.public)
            raise
        if row.log and page.log != row.log:
            log_offsets.forget(row)
            return
        log_offsets.keep(row, page)
        self._row, self._said = row, ""

    def _fail(self, why: str) -> None:
        if why != self._said:
            logger.warning("the log of %s can't be read: %s", self.gateway, why)
        self._said = why
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        self._ended.wait(pause)


def _place(gateway: Gateway) -> tuple[str, str, str]:
    return gateway.http_url, gateway.jcli_username, gateway.jcli_password
