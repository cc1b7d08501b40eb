"""One connector: keeps the bind up, and lets its submits and deliveries go in order."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.protocols.tls import TLSMemoryBIOFactory

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import Status, describe
from reconciler.launcher.lane import tls
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.deliver_sm import Deliveries
from reconciler.launcher.lane.smpp_client import SmppClient, SmppClientFactory
from reconciler.launcher.lane.storage import Storage
from reconciler.launcher.lane.window import Window

DRAIN_TIMEOUT = 5.0  # seconds that a stop waits for answers
MAX_WAITING = 5_000  # parts that are not yet written
QUEUE_SECONDS = 5.0  # how much may wait, in seconds of the throughput
_log = logging.getLogger("lane")

TIMES = (
    "connected_at",
    "bound_at",
    "disconnected_at",
    "last_received_pdu_at",
    "last_sent_pdu_at",
    "last_received_elink_at",
    "last_sent_elink_at",
)


class Connector:
    """`bind_error`: the carrier's status if it refused the last bind; `link_error`: why the last
    connection failed or ended, in words.

    `counters`, by name: connected_count, disconnected_count, bound_count, submit_sm_request_count,
    submit_sm_count (answered), deliver_sm_count, data_sm_count, elink_count, unreadable_count,
    throttling_error_count, other_submit_error_count. `times`, by name: `created_at` and `TIMES`, in
    seconds since 1970, None for never.
    """

    def __init__(self, storage: Storage, cid: str, settings: CarrierSettings) -> None:
        self.cid = cid
        self.is_started = False
        self.bind_error: Status | None = None
        self.link_error = ""
        self.counters: Counter[str] = Counter()
        self.times: dict[str, float | None] = {"created_at": time.time(), **dict.fromkeys(TIMES)}
        self.window = Window(storage.journal, settings, self.counters, storage.part_ended)
        self._storage = storage
        self._deliver_sm = Deliveries(storage, self)
        self._client: SmppClient | None = None
        self._connecting: Any = None  # a connection in progress
        self._reconnect_timer: Any = None
        self._submit_timer: Any = None
        self._drain_until: float | None = None
        self._stop_waiters: list[Deferred[None]] = []

    @property
    def settings(self) -> CarrierSettings:
        return self.window.settings

    @property
    def state(self) -> str:
        """Jasmin's names: NONE OPEN BIND_TRX_PENDING BOUND_TRX UNBIND_PENDING UNBOUND …."""
        return self._client.state if self._client else "NONE"

    @property
    def is_bound(self) -> bool:
        """Whether submits can be sent: never true of a receiver."""
        return self._client is not None and self._client.can_submit and self._drain_until is None

    @property
    def in_flight(self) -> int:
        """How many submit_sm have no answer yet."""
        return self.window.in_flight

    @property
    def waiting(self) -> int:
        """Parts of accepted messages that have to be written."""
        return self.window.waiting

    @property
    def room(self) -> int:
        """How many more parts may wait. The site keeps what could not leave soon."""
        settings = self.settings
        limit = MAX_WAITING
        if settings.throughput:
            limit = min(limit, max(settings.window, int(settings.throughput * QUEUE_SECONDS)))
        return limit - self.waiting

    @property
    def tls_verified(self) -> bool:
        """Whether the bind is over TLS, with chain and name checked."""
        return self._client is not None and self._client.is_verified

    def start(self) -> None:
        """Connect and bind, and reconnect after each end, until `stop`."""
        self.is_started = True
        self._drain_until = None
        self._connect()

    def stop(self) -> Deferred[None]:
        """Unbind once all submits in flight are answered, after `DRAIN_TIMEOUT` at the latest.

        Fires when the connection has ended. Parts that wait end as `stopped`; at the end of the
        process they are left to the next one.
        """
        self.is_started = False
        self._cancel_reconnect()
        if not self._storage.is_closing:
            self.window.drop("stopped")
            self._storage.commit()
        stopped: Deferred[None] = Deferred()
        if self._client is None and self._connecting is None:
            stopped.callback(None)
            return stopped
        self._stop_waiters.append(stopped)
        if self._client is None:
            self._connecting.stopConnecting()
            return stopped
        self._drain_until = time.monotonic() + DRAIN_TIMEOUT
        self._end_if_drained(time.monotonic())
        return stopped

    def update_settings(self, settings: CarrierSettings) -> None:
        """Host, account and TLS apply from the next connection, everything else at once."""
        self.window.settings = settings
        if self._client is not None:
            self._client.live_settings = settings
        self.pump()

    def tick(self, now: float) -> None:
        """Called some times a second."""
        if self._client is not None:
            self.window.time_out(self._client, now)
            self._client.tick(now)
            self._end_if_drained(now)
        if self.window.waiting:
            self.window.expire(now, "expired" if self.is_bound else "unbound")
            self.pump()

    def pump(self) -> None:
        """Handle what came, send what may be sent, and write the journal."""
        if self._client is not None:
            self._deliver_sm.handle(self._client)
        if self.is_bound and self._client is not None and not self._storage.is_closing:
            wait = self.window.write(self._client, time.monotonic())
            self._client.flush()
            self._set_submit_timer(wait)
        self._storage.commit()

    # Called by the SMPP client

    def opened(self, client: SmppClient) -> None:
        self._client, self._connecting = client, None
        self.counters["connected_count"] += 1
        self.times["connected_at"] = time.time()

    def bound(self) -> None:
        self.bind_error, self.link_error = None, ""
        self.counters["bound_count"] += 1
        self.times["bound_at"] = time.time()
        _log.info("%s is bound", self.cid)

    def refused(self, status: int) -> None:
        before, self.bind_error = self.bind_error, describe(status)
        if self.bind_error != before:
            _log.warning("%s: the bind was refused: %s", self.cid, self.bind_error.name)

    def answered(self, sequence: int, status: int, carrier_id: str) -> None:
        self.window.answered(sequence, status, carrier_id, time.monotonic())
        if self._drain_until is not None:
            self._end_if_drained(time.monotonic())

    def delivered(self, delivery: Delivery) -> None:
        self.counters[f"{delivery.pdu.command}_count"] += 1
        self._deliver_sm.add(delivery)

    def count(self, name: str) -> None:
        self.counters[name] += 1

    def stamp(self, name: str) -> None:
        self.times[name] = time.time()

    def closed(self, why: str) -> None:
        """The connection has ended, or could not be made."""
        delay = self.settings.fail_delay
        if self._client is not None:
            self.counters["disconnected_count"] += 1
            self.times["disconnected_at"] = time.time()
            delay = self.settings.loss_delay
        self._client, self._connecting, self._drain_until = None, None, None
        if self.is_started and why != self.link_error:
            self.link_error = why
            _log.warning("%s: %s", self.cid, why)
        self.window.lost(why or "the connection was lost")
        self._storage.commit()
        if self.is_started:
            self._reconnect_timer = reactor.callLater(delay, self._connect)
        stopped, self._stop_waiters = self._stop_waiters, []
        for each in stopped:
            each.callback(None)

    # Connecting

    def _connect(self) -> None:
        self._reconnect_timer = None
        if self._client is not None or self._connecting is not None:
            return  # started again before the stop was over
        settings = self.settings
        factory = SmppClientFactory(self, settings)
        if settings.tls:
            try:
                factory = TLSMemoryBIOFactory(tls.creator(settings), True, factory)
            except ValueError as error:
                self.closed(f"TLS: {error}")
                return
        self._connecting = reactor.connectTCP(
            settings.host, settings.port, factory, timeout=settings.bind_timeout
        )

    def _cancel_reconnect(self) -> None:
        if self._reconnect_timer is not None:
            self._reconnect_timer.cancel()
            self._reconnect_timer = None

    def _end_if_drained(self, now: float) -> None:
        if self._drain_until is None or self._client is None:
            return
        if not self.window.in_flight or now >= self._drain_until:
            self._client.unbind("stopped")

    def _set_submit_timer(self, wait: float | None) -> None:
        if wait is None:
            return
        if self._submit_timer is not None and self._submit_timer.active():
            if self._submit_timer.getTime() <= reactor.seconds() + wait:
                return
            self._submit_timer.cancel()
        self._submit_timer = reactor.callLater(max(0.0, wait), self.pump)
