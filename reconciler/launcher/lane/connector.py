"""One connector: what its binds share, and the way to them for the rest of the lane."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from messaging.smpp.protocol.command_status import Status
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.session_pool import STOPPED, SessionPool
from reconciler.launcher.lane.smpp_client import SmppClient
from reconciler.launcher.lane.storage import Storage
from reconciler.launcher.lane.trace import Trace
from reconciler.launcher.lane.window import Window

MAX_WAITING = 5_000  # parts that are not yet written
QUEUE_SECONDS = 5.0  # how much may wait, in seconds of the throughput

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
    """`counters`, by name: connected_count, disconnected_count, bound_count,
    submit_sm_request_count, submit_sm_count (answered), deliver_sm_count, data_sm_count,
    receipt_count and text_count (of both together, as they are marked), elink_count,
    unreadable_count, throttling_error_count, other_submit_error_count, no_answer_count. `times`, by
    name: `created_at` and `TIMES`, in seconds since 1970, None for never. Both are of all binds.

    `round_trip`: seconds of the last answered enquire_link, which is sent when nothing else is.
    """

    def __init__(self, storage: Storage, cid: str, settings: CarrierSettings) -> None:
        self.cid = cid
        self.storage = storage
        self.is_started = False
        self.counters: Counter[str] = Counter()
        self.round_trip: float | None = None
        self.times: dict[str, float | None] = {"created_at": time.time(), **dict.fromkeys(TIMES)}
        self.window = Window(storage.journal, settings, self.counters, storage.part_ended)
        self._pool = SessionPool(self, settings)
        self._submit_timer: Any = None
        self._trace: Trace | None = None

    @property
    def settings(self) -> CarrierSettings:
        return self.window.settings

    @property
    def state(self) -> str:
        """Of the best bind, by Jasmin's names: NONE OPEN BIND_TRX_PENDING BOUND_TRX ….

        Of pairs it is a transmitter: a connector that says it is bound takes submits.
        """
        return self._pool.state

    @property
    def is_bound(self) -> bool:
        """Whether submits can be sent: never true of receivers."""
        return any(each.can_submit for each in self._pool.sessions)

    @property
    def bound(self) -> int:
        """How many binds are up."""
        return sum(each.is_bound for each in self._pool.sessions)

    @property
    def bind_error(self) -> Status | None:
        """The carrier's status if it refused the last attempt at a bind; others may be bound."""
        return next((each.bind_error for each in self._pool.sessions if each.bind_error), None)

    @property
    def link_error(self) -> str:
        """Why the last connection of a bind failed or ended, in words; others may be bound."""
        return next((each.link_error for each in self._pool.sessions if each.link_error), "")

    def session_states(self) -> list[dict[str, Any]]:
        """Of each bind: bind_type, host, port, state (Jasmin's names), since (seconds since 1970:
        it was bound, or lost its bind), bind_error (a status's name, "" for none), link_error,
        tls_verified.

        There are as many as are wanted; while binds are exchanged there may be one more, and while
        a bind type changes as many as of both.
        """
        return self._pool.reports

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
        """Whether all binds are over TLS, with chain and name checked."""
        clients = [each.client for each in self._pool.sessions if each.client]
        return bool(clients) and all(each.is_verified for each in clients)

    def start(self) -> None:
        """Connect and bind, and reconnect after each end, until `stop`."""
        self.is_started = True
        self._pool.start()

    def stop(self) -> Deferred[None]:
        """Unbind once all submits in flight are answered, after `DRAIN_TIMEOUT` at the latest.

        Fires when all connections have ended. Parts that wait end as `stopped`; at the end of the
        process they are left to the next one.
        """
        self.is_started = False
        if not self.storage.is_closing:
            self.window.drop(STOPPED)
            self.storage.commit()
        return self._pool.stop()

    def update_settings(self, settings: CarrierSettings) -> None:
        """Binds that were made with others are exchanged; everything else applies at once."""
        self.window.settings = settings
        self._pool.update(settings)
        self.pump()

    def tick(self, now: float) -> None:
        """Called some times a second."""
        if self.window.in_flight:
            self.window.time_out(now)
        self._pool.tick(now)
        if self.window.waiting:
            self.window.expire(now, "expired" if self.is_bound else "unbound")
            self.pump()

    def pump(self) -> None:
        """Send what may be sent, and write the journal."""
        senders = self._pool.senders
        if senders and not self.storage.is_closing:
            wait = self.window.write(senders, time.monotonic())
            for each in senders:
                each.flush()
            self._set_submit_timer(wait)
        self.storage.commit()

    def show_to(self, trace: Trace | None) -> None:
        """Have the trace keep the PDUs of all binds, of later ones too; None: no trace."""
        self._trace = trace
        for client in self._pool.clients:
            client.show_to(trace)

    def opened(self, client: SmppClient) -> None:
        """A connection is there."""
        client.show_to(self._trace)
        self.count("connected_count")
        self.stamp("connected_at")

    def link_answered(self, seconds: float) -> None:
        """The carrier has answered an enquire_link after so long."""
        self.round_trip = seconds

    def count(self, name: str) -> None:
        self.counters[name] += 1

    def stamp(self, name: str) -> None:
        self.times[name] = time.time()

    def _set_submit_timer(self, wait: float | None) -> None:
        if wait is None:
            return
        if self._submit_timer is not None and self._submit_timer.active():
            if self._submit_timer.getTime() <= reactor.seconds() + wait:
                return
            self._submit_timer.cancel()
        self._submit_timer = reactor.callLater(max(0.0, wait), self.pump)
