"""One connector: its bind kept up, its submits in turn."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.protocols.tls import TLSMemoryBIOFactory

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import Status, describe
from reconciler.launcher.lane import tls
from reconciler.launcher.lane.carrier_settings import Settings
from reconciler.launcher.lane.deliver_sm import Deliveries
from reconciler.launcher.lane.smpp_client import Dial, Wire
from reconciler.launcher.lane.window import Traffic

if TYPE_CHECKING:
    from reconciler.launcher.lane.lane import Lane

DRAIN = 5.0  # seconds that a stop waits for answers
MOST_WAITING = 5_000  # parts that are not written
AHEAD = 5.0  # seconds of the throughput that may wait
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
    """`bind_error`: what the carrier said to the last bind, if it refused it; `link_error`: why the
    last connection was not made or has ended, in words.

    `counters` by name: connected_count, disconnected_count, bound_count, submit_sm_request_count,
    submit_sm_count (answered), deliver_sm_count, data_sm_count, elink_count, unreadable_count,
    throttling_error_count, other_submit_error_count. `times` by name, in seconds since 1970, None
    if it has not been: `created_at` and `TIMES`.
    """

    def __init__(self, lane: Lane, cid: str, settings: Settings) -> None:
        self.cid = cid
        self.is_started = False
        self.bind_error: Status | None = None
        self.link_error = ""
        self.counters: Counter[str] = Counter()
        self.times: dict[str, float | None] = {"created_at": time.time(), **dict.fromkeys(TIMES)}
        self.traffic = Traffic(lane.journal, settings, self.counters, lane.ended)
        self._lane = lane
        self._deliveries = Deliveries(lane, self)
        self._wire: Wire | None = None
        self._attempt: Any = None  # a connection that is being made
        self._redial: Any = None  # timer
        self._timer: Any = None  # of the next submit
        self._drain_until: float | None = None
        self._stopped: list[Deferred[None]] = []

    @property
    def settings(self) -> Settings:
        return self.traffic.settings

    @property
    def state(self) -> str:
        """Jasmin's names: NONE OPEN BIND_TRX_PENDING BOUND_TRX UNBIND_PENDING UNBOUND …."""
        return self._wire.state if self._wire else "NONE"

    @property
    def is_bound(self) -> bool:
        """Whether submits can go: a receiver is never bound in this sense."""
        return self._wire is not None and self._wire.can_submit and self._drain_until is None

    @property
    def in_flight(self) -> int:
        """submit_sm without an answer."""
        return self.traffic.in_flight

    @property
    def waiting(self) -> int:
        """Parts of accepted messages that have to be written."""
        return self.traffic.waiting

    @property
    def room(self) -> int:
        """How many more may wait: the site keeps what would not leave soon."""
        settings = self.settings
        most = MOST_WAITING
        if settings.throughput:
            most = min(most, max(settings.window, int(settings.throughput * AHEAD)))
        return most - self.waiting

    @property
    def tls_verified(self) -> bool:
        """Whether the live bind is over TLS whose chain and name were checked."""
        return self._wire is not None and self._wire.is_verified

    def start(self) -> None:
        """Connect and bind, and again whenever that ends, until `stop`."""
        self.is_started = True
        self._drain_until = None
        self._dial()

    def stop(self) -> Deferred[None]:
        """Unbind once what is in flight is answered, or soon; fires when the connection has ended.

        What was not written is told `stopped`, but at the end of the process, which leaves it to
        the next.
        """
        self.is_started = False
        self._cancel_redial()
        if not self._lane.is_closing:
            self.traffic.drop("stopped")
            self._lane.commit()
        stopped: Deferred[None] = Deferred()
        if self._wire is None and self._attempt is None:
            stopped.callback(None)
            return stopped
        self._stopped.append(stopped)
        if self._wire is None:
            self._attempt.stopConnecting()
            return stopped
        self._drain_until = time.monotonic() + DRAIN
        self._end_if_drained(time.monotonic())
        return stopped

    def replace(self, settings: Settings) -> None:
        """Where the carrier is, who we are and TLS count from the next connection, all else now."""
        self.traffic.settings = settings
        if self._wire is not None:
            self._wire.timing = settings
        self.turn()

    def tick(self, now: float) -> None:
        """Some times a second."""
        if self._wire is not None:
            self.traffic.time_out(self._wire, now)
            self._wire.tick(now)
            self._end_if_drained(now)
        if self.traffic.waiting:
            self.traffic.expire(now, "expired" if self.is_bound else "unbound")
            self.turn()

    def turn(self) -> None:
        """Write what may be written, and all that has happened into the journal."""
        if self._wire is not None:
            self._deliveries.take(self._wire)
        if self.is_bound and self._wire is not None and not self._lane.is_closing:
            wait = self.traffic.write(self._wire, time.monotonic())
            self._wire.flush()
            self._set_timer(wait)
        self._lane.commit()

    # What the wire tells

    def opened(self, wire: Wire) -> None:
        self._wire, self._attempt = wire, None
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
        self.traffic.answered(sequence, status, carrier_id, time.monotonic())
        if self._drain_until is not None:
            self._end_if_drained(time.monotonic())

    def delivered(self, delivery: Delivery) -> None:
        self.counters[f"{delivery.pdu.command}_count"] += 1
        self._deliveries.add(delivery)

    def counted(self, name: str) -> None:
        self.counters[name] += 1

    def stamped(self, name: str) -> None:
        self.times[name] = time.time()

    def closed(self, why: str) -> None:
        """The connection has ended, or could not be made."""
        delay = self.settings.fail_delay
        if self._wire is not None:
            self.counters["disconnected_count"] += 1
            self.times["disconnected_at"] = time.time()
            delay = self.settings.loss_delay
        self._wire, self._attempt, self._drain_until = None, None, None
        if self.is_started and why != self.link_error:
            self.link_error = why
            _log.warning("%s: %s", self.cid, why)
        self.traffic.lost(why or "the connection was lost")
        self._lane.commit()
        if self.is_started:
            self._redial = reactor.callLater(delay, self._dial)
        stopped, self._stopped = self._stopped, []
        for each in stopped:
            each.callback(None)

    # How it connects

    def _dial(self) -> None:
        self._redial = None
        if self._wire is not None or self._attempt is not None:
            return  # started again before a stop was over
        settings = self.settings
        factory = Dial(self, settings)
        if settings.tls:
            try:
                factory = TLSMemoryBIOFactory(tls.creator(settings), True, factory)
            except ValueError as error:
                self.closed(f"TLS: {error}")
                return
        self._attempt = reactor.connectTCP(
            settings.host, settings.port, factory, timeout=settings.bind_timeout
        )

    def _cancel_redial(self) -> None:
        if self._redial is not None:
            self._redial.cancel()
            self._redial = None

    def _end_if_drained(self, now: float) -> None:
        if self._drain_until is None or self._wire is None:
            return
        if not self.traffic.in_flight or now >= self._drain_until:
            self._wire.unbind("stopped")

    def _set_timer(self, wait: float | None) -> None:
        if wait is None:
            return
        if self._timer is not None and self._timer.active():
            if self._timer.getTime() <= reactor.seconds() + wait:
                return
            self._timer.cancel()
        self._timer = reactor.callLater(max(0.0, wait), self.turn)
