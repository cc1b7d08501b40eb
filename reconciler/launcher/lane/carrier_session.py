"""One bind of a connector: its connection, the host that it is at, its next attempt."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any, Protocol

from twisted.internet import reactor
from twisted.protocols.tls import TLSMemoryBIOFactory

from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import Status, by_name, describe
from messaging.smpp.protocol.command_status_table import WRONG_ACCOUNT
from messaging.smpp.protocol.receipt import is_marked
from reconciler.launcher.lane import tls
from reconciler.launcher.lane.carrier_settings import BindType, CarrierSettings, Host
from reconciler.launcher.lane.deliver_sm import Deliveries
from reconciler.launcher.lane.smpp_client import SmppClient, SmppClientFactory
from reconciler.launcher.lane.storage import Storage
from reconciler.launcher.lane.window import Window

ALREADY_BOUND = by_name("ESME_RALYBND").value  # the carrier allows no further bind
# Another host of the carrier would say the same.
_OF_THE_ACCOUNT = WRONG_ACCOUNT | {ALREADY_BOUND}
CONNECT_TIMEOUT = 10.0  # seconds, where another host can be tried
EARLY = 5.0  # seconds: a bind that is lost so soon counts as refused
_PENDING = ("UNBIND_PENDING", "OPEN", "BIND_RX_PENDING", "BIND_TX_PENDING", "BIND_TRX_PENDING")
_BOUND = ("BOUND_RX", "BOUND_TX", "BOUND_TRX")
_RANK = {state: rank for rank, state in enumerate((*_PENDING, *_BOUND), start=1)}
_log = logging.getLogger("lane")


class Line(Protocol):
    """The connector: what its binds share."""

    cid: str
    storage: Storage
    window: Window

    def opened(self, client: SmppClient) -> None: ...
    def link_answered(self, seconds: float) -> None: ...
    def count(self, name: str) -> None: ...
    def stamp(self, name: str) -> None: ...
    def pump(self) -> None: ...


class Watcher(Protocol):
    """Is told what becomes of a bind, within the same reactor turn."""

    def bound(self, session: CarrierSession) -> None: ...
    def refused(self, session: CarrierSession, status: int) -> None: ...
    def closed(self, session: CarrierSession, *, was_bound: bool, had_link: bool) -> None: ...


class CarrierSession:
    """`settings`: what it is bound with, or will be. `is_outdated`: the connector has got other
    settings, and another bind will replace this one. `is_over`: it sends no more submits and does
    not connect again. `only_first`: it tries no backup.

    `host`: where it is, or is tried next. `bind_error`: the status with which the carrier refused
    the last bind that it answered. `is_refused`: the carrier refused the last attempt, or ended
    that bind within `EARLY`; `refusals`: how often in a row. `is_ousted`: it waits, since the
    carrier ended its last bind when another came. `link_error`: why the last connection failed or
    ended. `since`: when it was bound, or lost it, in seconds since 1970; `lasted`: how long it was.
    """

    def __init__(
        self,
        line: Line,
        watcher: Watcher,
        bind_type: BindType,
        settings: CarrierSettings,
        *,
        only_first: bool = False,
    ) -> None:
        self.cid, self.bind_type, self.settings = line.cid, bind_type, settings
        self.only_first = only_first
        self.is_outdated = self.is_over = False
        self.bind_error: Status | None = None
        self.is_refused, self.refusals, self.is_ousted = False, 0, False
        self.link_error = ""
        self.since, self.lasted = time.time(), 0.0
        self.client: SmppClient | None = None
        self.count, self.stamp = line.count, line.stamp
        self.link_answered = line.link_answered
        self._line, self._watcher, self._window = line, watcher, line.window
        self._deliver_sm = Deliveries(line.storage, self)
        self._connecting: Any = None  # a connection in progress
        self._timer: Any = None
        self._bound_at: float | None = None  # `time.monotonic`; None: it is not bound
        self._drain_until: float | None = None
        self._why = ""
        self.first_host()

    @property
    def state(self) -> str:
        """Jasmin's names: NONE OPEN BIND_TRX_PENDING BOUND_TRX UNBIND_PENDING UNBOUND …."""
        return self.client.state if self.client else "NONE"

    @property
    def is_bound(self) -> bool:
        """Whether it is bound, and stays so."""
        return self.client is not None and self.client.is_bound and not self.is_over

    @property
    def bound_for(self) -> float:
        """Seconds since it was bound; 0 if it is not."""
        return 0.0 if self._bound_at is None else time.monotonic() - self._bound_at

    @property
    def can_submit(self) -> bool:
        return self.client is not None and self.client.can_submit and not self.is_over

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, or one in progress."""
        return self.client is not None or self._connecting is not None

    @property
    def next_attempt(self) -> float | None:
        """When it connects again, in the reactor's seconds; None if no time is set."""
        return self._timer.getTime() if self._timer else None

    @property
    def is_idle(self) -> bool:
        """Whether it has no connection and no time for the next one."""
        return not self.is_open and self._timer is None

    @property
    def lacks_seat(self) -> bool:
        """Whether the carrier said that all binds of the account are in use."""
        return self.bind_error is not None and self.bind_error.value == ALREADY_BOUND

    @property
    def in_flight(self) -> int:
        """How many submit_sm of the connector have no answer yet."""
        return self._window.in_flight

    @property
    def report(self) -> dict[str, Any]:
        return {
            "bind_type": self.bind_type,
            "host": self.host.host,
            "port": self.host.port,
            "state": self.state,
            "since": self.since,
            "bind_error": self.bind_error.name if self.bind_error else "",
            "link_error": self.link_error,
            "tls_verified": self.client is not None and self.client.is_verified,
        }

    def connect(self) -> None:
        """Connect and bind now."""
        self._cancel_timer()
        if self.is_open:
            return
        self.is_refused = self.is_ousted = False
        settings = self.settings.at(self.host, self.bind_type)
        factory = SmppClientFactory(self, settings)
        if settings.tls:
            try:
                factory = TLSMemoryBIOFactory(tls.creator(settings), True, factory)
            except ValueError as error:
                self.closed(f"TLS: {error}")
                return
        timeout = settings.bind_timeout
        if len(settings.hosts) > 1:
            timeout = min(timeout, CONNECT_TIMEOUT)
        self._connecting = reactor.connectTCP(settings.host, settings.port, factory, timeout)

    def wait(self, seconds: float) -> None:
        """Connect in so many seconds."""
        self._cancel_timer()
        self._timer = reactor.callLater(seconds, self.connect)

    def park(self) -> None:
        """Try no more until `connect` is called."""
        self._cancel_timer()

    def first_host(self) -> None:
        """Begin anew at the host; the backups come after it."""
        self.host: Host = self.settings.hosts[0]
        self._hosts_left = list(() if self.only_first else self.settings.backups)

    def next_host(self) -> bool:
        """After a failure: go on to the next backup; False: begin anew, since none is left."""
        status = self.bind_error.value if self.is_refused and self.bind_error else None
        if status in _OF_THE_ACCOUNT or not self._hosts_left:
            self.first_host()
            return False
        self.host = self._hosts_left.pop(0)
        return True

    def end(self, why: str, seconds: float) -> None:
        """Send no more submits; unbind when those in flight are answered, after `seconds` at the
        latest."""
        self.is_over = True
        self._cancel_timer()
        if self.client is not None:
            until = time.monotonic() + seconds
            self._drain_until = min(until, self._drain_until or until)
            self._why = why
            self._end_if_drained(time.monotonic())
        elif self._connecting is not None:
            self._connecting.stopConnecting()

    def update(self, settings: CarrierSettings, *, is_same_bind: bool) -> None:
        """`is_same_bind`: no setting has changed that a bind is made with."""
        self.is_outdated = not self._fits(settings)
        if not self.is_outdated:
            self.settings = settings
        elif is_same_bind:
            self.settings = settings.but_bound_like(self.settings)
        if self.client is not None:
            self.client.live_settings = self.settings

    def tick(self, now: float) -> None:
        """Called some times a second while there is a `client`."""
        self.client.tick(now)
        self._end_if_drained(now)

    # Called by the SMPP client

    def opened(self, client: SmppClient) -> None:
        self.client, self._connecting = client, None
        client.live_settings = self.settings
        self._line.opened(client)

    def bound(self) -> None:
        self.bind_error, self.link_error = None, ""
        self.since, self._bound_at = time.time(), time.monotonic()
        self.count("bound_count")
        self.stamp("bound_at")
        self._watcher.bound(self)

    def refused(self, status: int) -> None:
        before, self.bind_error = self.bind_error, describe(status)
        self.is_refused = True
        self.refusals += 1
        if self.bind_error != before:
            _log.warning("%s: the bind was refused: %s", self.cid, self.bind_error.name)
        self._watcher.refused(self, status)

    def answered(self, sequence: int, status: int, carrier_id: str) -> None:
        self._window.answered(self.client, sequence, status, carrier_id, time.monotonic())
        if self._drain_until is not None:
            self._end_if_drained(time.monotonic())

    def delivered(self, delivery: Delivery) -> None:
        self.count(f"{delivery.pdu.command}_count")
        self.count("receipt_count" if is_marked(delivery.pdu) else "text_count")
        self._deliver_sm.add(delivery)

    def pump(self) -> None:
        if self.client is not None:
            self._deliver_sm.handle(self.client)
        self._line.pump()

    def closed(self, why: str) -> None:
        """The connection has ended, or could not be made."""
        client, was_bound, lasted = self.client, self._bound_at is not None, self.bound_for
        self.client = self._connecting = self._bound_at = self._drain_until = None
        if client is not None:
            self.count("disconnected_count")
            self.stamp("disconnected_at")
            self._window.lost(client, why or "the connection was lost")
        if was_bound:
            self.since, self.lasted = time.time(), lasted
            self.is_refused = lasted < EARLY
            self.refusals = self.refusals + 1 if self.is_refused else 0
        if not self.is_over and why != self.link_error:
            self.link_error = why
            _log.warning("%s: %s", self.cid, why)
        self._watcher.closed(self, was_bound=was_bound, had_link=client is not None)
        self._line.pump()  # the other binds have room now

    def _fits(self, settings: CarrierSettings) -> bool:
        """Whether a bind by these settings would be the same as this one."""
        mine = self.settings
        if self.bind_type not in settings.bind_types or not mine.binds_like(settings):
            return False
        return self.host in settings.hosts if self.is_bound else mine.hosts == settings.hosts

    def _end_if_drained(self, now: float) -> None:
        if self._drain_until is None or self.client is None:
            return
        if not self._window.in_flight_of(self.client) or now >= self._drain_until:
            self.client.unbind(self._why)

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


def best_state(states: Iterable[str]) -> str:
    """The one that is nearest to a bind, or has the most of one; `NONE` for none."""
    return max(states, key=lambda state: _RANK.get(state, 0), default="NONE")
