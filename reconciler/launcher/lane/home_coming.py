"""When a bind that had to go to a backup tries the host again."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol

from reconciler.launcher.lane.carrier_settings import Host

LONGEST_DELAY = 3_600.0  # seconds between two attempts
PROBE_TIMEOUT = 5.0


class HomeComing:
    """Times the attempts to go back to the host: one at a time, ever more rarely until one
    succeeds. Times are in `time.monotonic`."""

    __slots__ = ("_at", "_delay", "_is_tried")

    def __init__(self) -> None:
        self._at: float | None = None  # of the next attempt; None: nothing is away
        self._delay = 0.0
        self._is_tried = False

    def is_due(self, now: float, first_delay: float, *, is_away: bool) -> bool:
        """Call it some times a second; each True is one attempt. `is_away`: whether a bind is at a
        backup."""
        if not is_away:
            self._at = None
            return False
        self._delay = self._delay or first_delay
        if self._at is None:
            self._at = now + self._delay
        if now < self._at:
            return False
        self._delay = min(LONGEST_DELAY, self._delay * 2)
        self._at = now + self._delay
        self._is_tried = True
        return True

    def arrived(self) -> None:
        """The host has taken a bind: the next one follows at once. The delay stays as it was before
        the attempt, for a host that ends the bind soon."""
        if self._is_tried:
            self._delay /= 2
            self._is_tried = False
        if self._at is not None:
            self._at = 0.0

    def lost(self, *, is_early: bool) -> None:
        """The host has ended a bind. `is_early`: so soon that the attempt counts as failed."""
        self._delay = min(LONGEST_DELAY, self._delay * 2) if is_early else 0.0
        self._at = None


def if_reachable(host: Host, call: Callable[[], None]) -> None:
    """Call `call` once a connection to the host could be made; the connection is closed again."""
    endpoint = TCP4ClientEndpoint(reactor, host.host, host.port, PROBE_TIMEOUT)

    def made(link: Protocol) -> None:
        link.transport.abortConnection()
        call()

    endpoint.connect(Factory.forProtocol(Protocol)).addCallbacks(made, lambda _: None)
