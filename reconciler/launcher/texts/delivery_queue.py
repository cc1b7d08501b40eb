"""Sends texts to the platforms that are bound, and records how each ended.

Texts of one user leave in order, a window of them at once, over all its binds that take texts. A
text that was accepted ends in one record: the platform's answer, or that there is none.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from reconciler.gateway_api import Reason, Undelivered
from reconciler.launcher.lane.journal import log_records
from reconciler.launcher.lane.journal.ended_tokens import digest
from reconciler.launcher.lane.storage import Storage

WINDOW_VARIABLE = "SMPP_SERVER_DELIVER_WINDOW"  # of the gateway's environment
WINDOW = 20  # deliver_sm of one user without an answer
MOST_OF_USER, MOST = 1_000, 20_000  # texts that have not ended
REMEMBERED = 60.0  # seconds that a token is known after the site has its record


class Session(Protocol):
    """A bind that takes texts."""

    def deliver_octets(self, raw: bytes) -> Deferred:
        """Fires with the status of the answer, None if none came."""


class Binds(Protocol):
    """The SMPP server."""

    def receiving_session(self, system_id: str) -> Session | None: ...


@dataclass
class _User:
    waiting: deque[tuple[str, bytes]] = field(default_factory=deque)
    in_flight: int = 0

    def __len__(self) -> int:
        return len(self.waiting) + self.in_flight


class DeliveryQueue:
    """`life` names the process, `began` is the last record of those before it. `binds`: None until
    there is an SMPP server."""

    def __init__(self, storage: Storage, *, window: int = WINDOW) -> None:
        if window < 1:
            raise ValueError("window: a number above 0 is wanted")
        self.life, self.began = secrets.token_hex(16), storage.journal.last
        self.binds: Binds | None = None
        self._storage, self._window = storage, window
        self._users: dict[str, _User] = {}
        self._known: set[int] = set()  # tokens that are open, or ended lately
        self._ended: deque[tuple[float, int, int]] = deque()  # when, record, token; oldest first
        self._open = 0

    def bound(self, users: Iterable[str]) -> list[str]:
        """Those that have a bind which takes texts."""
        return [user for user in users if self._session(user) is not None]

    def add(self, user: str, token: str, raw: bytes) -> Reason | None:
        """Begin to deliver `raw`, a whole deliver_sm; None if it is accepted, now or before."""
        self._forget_old()
        if digest(token) in self._known:
            return None
        if self._storage.is_closing or self._session(user) is None:
            return Reason.NOT_BOUND
        queue = self._users.setdefault(user, _User())
        no_room = len(queue) >= MOST_OF_USER or self._open >= MOST
        if no_room or self._storage.journal.is_full or self._storage.error:
            return Reason.FULL
        self._known.add(digest(token))
        self._open += 1
        queue.waiting.append((token, raw))
        reactor.callLater(0, self._pump, user)
        return None

    def _session(self, user: str) -> Session | None:
        return self.binds.receiving_session(user) if self.binds is not None else None

    def _pump(self, user: str) -> None:
        queue = self._users.get(user)
        if self._storage.is_closing:
            return  # the site hands over to the next process what has no record
        while queue is not None and queue.waiting and queue.in_flight < self._window:
            session = self._session(user)
            token, raw = queue.waiting.popleft()
            if session is None:
                self._end(token, None, Undelivered.NOT_BOUND)
                continue
            queue.in_flight += 1
            session.deliver_octets(raw).addBoth(self._answered, user, token)
        if queue is not None and not len(queue):
            self._users.pop(user, None)

    def _answered(self, status: Any, user: str, token: str) -> None:
        self._users[user].in_flight -= 1
        if type(status) is int:
            self._end(token, status, "")
        elif not self._storage.is_closing:
            self._end(token, None, Undelivered.NO_ANSWER)
        reactor.callLater(0, self._pump, user)

    def _end(self, token: str, status: int | None, why: str) -> None:
        self._open -= 1
        number = self._storage.note(log_records.delivery(token, status, why))
        self._ended.append((time.monotonic(), number, digest(token)))

    def _forget_old(self) -> None:
        """Forget tokens only after a time: the site may have handed a text over again just before
        it read the record."""
        until = time.monotonic() - REMEMBERED
        acknowledged = self._storage.journal.acknowledged
        while self._ended and self._ended[0][0] < until and self._ended[0][1] <= acknowledged:
            self._known.discard(self._ended.popleft()[2])
