"""The binds of one connector: as many as are wanted, and how they are exchanged without a gap.

Binds are made one at a time. The first tells whether the carrier takes the account at all, so a
carrier that is down or refuses sees no more attempts than of a connector with one bind.

Where settings change that a bind is made with, the binds with the old ones stay until others with
the new ones are up: a new one is bound, then an old one ends. Where the carrier allows no further
bind (`max_binds`, or ESME_RALYBND), one old one ends first, and the next only once its place is
taken. What the carrier refuses beside live binds is tried again ever later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from messaging.smpp.protocol.command_status import describe
from reconciler.launcher.lane import exchange, retry_delays
from reconciler.launcher.lane.carrier_session import (
    ALREADY_BOUND,
    CarrierSession,
    Line,
    best_state,
)
from reconciler.launcher.lane.carrier_settings import BindType, CarrierSettings
from reconciler.launcher.lane.home_coming import HomeComing, if_reachable
from reconciler.launcher.lane.seats import Seats
from reconciler.launcher.lane.smpp_client import SmppClient

DRAIN_TIMEOUT = 5.0  # seconds that a bind waits for answers where no other is made before
REPLACED = "the bind was replaced"
STOPPED = "stopped"

_log = logging.getLogger("lane")


class SessionPool:
    """`sessions`: the binds that are wanted, the oldest first; what drains is in `_leaving`."""

    def __init__(self, line: Line, settings: CarrierSettings) -> None:
        self.sessions: list[CarrierSession] = []
        self._line, self._settings = line, settings
        self._is_started = False
        self._leaving: list[CarrierSession] = []  # they end when they are drained
        self._seats = Seats()
        self._home_coming = HomeComing()
        self._arranging: Any = None
        self._stop_waiters: list[Deferred[None]] = []

    @property
    def clients(self) -> list[SmppClient]:
        return [each.client for each in (*self.sessions, *self._leaving) if each.client]

    @property
    def senders(self) -> list[SmppClient]:
        """The binds that submits may go to. A silent one gets none before the carrier is heard on
        it again: its connection may be dead, and what it is given would be lost."""
        clients = [each.client for each in self.sessions if each.can_submit]
        return [each for each in clients if not each.is_silent]

    @property
    def state(self) -> str:
        """The best state of the binds that can submit; of receivers if there are only receivers."""
        found = [*self.sessions, *self._leaving]
        submitting = [each for each in found if each.bind_type != "receiver"]
        return best_state([each.state for each in submitting or found])

    @property
    def reports(self) -> list[dict[str, Any]]:
        """A report of each bind that is wanted."""
        begun = [each for each in self.sessions if not each.is_idle]
        idle = [each for each in self.sessions if each.is_idle]
        missing = max(0, len(self._settings.bind_types) - len(begun))
        return [each.report for each in (*begun, *idle[:missing])]

    def start(self) -> None:
        self._is_started = True
        self._arrange()

    def update(self, settings: CarrierSettings) -> None:
        before, self._settings = self._settings, settings
        is_same_bind = before.binds_like(settings) and before.hosts == settings.hosts
        for session in list(self.sessions):
            session.update(settings, is_same_bind=is_same_bind)
            if session.is_outdated and not session.is_bound:
                self._end(session, REPLACED, 0.0)
        if (before.system_id, before.hosts) != (settings.system_id, settings.hosts):
            self._seats.forget()
            self._home_coming = HomeComing()
        if not is_same_bind:
            self._seats.has_made_room = False
        self._arrange_soon()

    def stop(self) -> Deferred[None]:
        """End all; fires when the last connection has ended."""
        self._is_started = self._seats.has_made_room = False
        stopped: Deferred[None] = Deferred()
        self._stop_waiters.append(stopped)
        for session in list(self.sessions):
            self._end(session, STOPPED, DRAIN_TIMEOUT)
        for session in list(self._leaving):
            session.end(STOPPED, DRAIN_TIMEOUT)
        self._tell_stopped()
        return stopped

    def tick(self, now: float) -> None:
        for session in self.sessions:
            if session.client is not None:
                session.tick(now)
        for session in self._leaving:
            if session.client is not None:
                session.tick(now)
        if self._settings.backups and self._is_started:
            self._come_home(now)

    # Called by the sessions

    def bound(self, session: CarrierSession) -> None:
        if session.only_first:
            session.only_first = False
            session.first_host()  # where it is; after a loss it tries the backups
        if session.host == self._settings.hosts[0]:
            self._home_coming.arrived()
        count = sum(each.is_bound for each in self.sessions)
        self._seats.bound(count)
        wanted = len(self._settings.bind_types)
        _log.info("%s is bound%s", self._line.cid, f", {count} of {wanted}" if wanted > 1 else "")
        self._arrange_soon()

    def refused(self, session: CarrierSession, status: int) -> None:
        if not session.is_over:
            self._seats.refused(session, status, [*self.sessions, *self._leaving])

    def closed(self, session: CarrierSession, *, was_bound: bool, had_link: bool) -> None:
        if session in self._leaving:
            self._leaving.remove(session)
            self._use_room()
            self._tell_stopped()
        elif session.is_outdated or session.only_first:
            self.sessions.remove(session)
        else:
            session.wait(self._delay(session, was_bound=was_bound, had_link=had_link))
        self._arrange_soon()

    def _delay(self, session: CarrierSession, *, was_bound: bool, had_link: bool) -> float:
        """Seconds until a bind is tried again that has ended, or could not be made."""
        if was_bound:
            is_early = session.is_refused
            if session.host == self._settings.hosts[0]:
                self._home_coming.lost(is_early=is_early)
            self._seats.lost(session, self.sessions)
            if session.is_ousted or not is_early:
                session.first_host()
                return retry_delays.after_loss(session, ousted=self._seats.ousted)
        if session.next_host():
            return 0.0
        is_needed = session.bind_type != "receiver" and not self._is_up
        return retry_delays.after_failure(
            session,
            had_link=had_link,
            has_made_room=self._seats.has_made_room,
            are_others_up=not is_needed and any(each.is_bound for each in self.sessions),
        )

    # Arranging: what is to be made, and what is to end

    @property
    def _current(self) -> list[CarrierSession]:
        """The binds with the present settings."""
        return [each for each in self.sessions if not each.is_outdated and not each.only_first]

    @property
    def _is_up(self) -> bool:
        """Whether submits can be sent. Of receivers alone: whether one is bound."""
        submitting = [each for each in self.sessions if each.bind_type != "receiver"]
        return any(each.is_bound for each in submitting or self.sessions)

    @property
    def _outdated(self) -> list[CarrierSession]:
        return [each for each in self.sessions if each.is_outdated]

    def _arrange_soon(self) -> None:
        if self._arranging is None:
            self._arranging = reactor.callLater(0, self._arrange)

    def _arrange(self) -> None:
        self._arranging = None
        if not self._is_started:
            return
        wanted, home = self._settings.bind_types, self._settings.hosts[0]
        for bind_type in exchange.missing(wanted, self._current):
            self._add(bind_type)
        self._replace(exchange.surplus(wanted, self._current, home))
        self._replace(exchange.replaced(wanted, self._current, self._outdated))
        if any(each.lacks_seat and not each.is_open for each in self._current):
            self._make_room()
        if self._is_up:
            self._make_next()
        else:
            self._make_first()

    def _add(self, bind_type: BindType, *, only_first: bool = False) -> CarrierSession:
        settings = self._settings
        new = CarrierSession(self._line, self, bind_type, settings, only_first=only_first)
        self.sessions.append(new)
        return new

    def _make_first(self) -> None:
        """None can submit: one bind is tried, and the others wait for it."""
        current = self._current
        asked = [each for each in current if each.bind_type != "receiver"] or current
        open_one = next((each for each in asked if each.is_open), None)
        if open_one is None and not self._has_seat() and (self._make_room() or self._leaving):
            return  # the end of an old one calls again
        waiting = [each for each in asked if not each.is_idle] or asked[:1]
        first = open_one or min(waiting, key=lambda each: each.next_attempt or 0.0)
        for each in current:
            if each is not first:
                each.park()
        if first.is_open:
            return  # its end, or its bind, calls again
        if first.is_idle:
            first.connect()
            return
        longest = max(self._settings.loss_delay, self._settings.fail_delay)
        if (first.next_attempt or 0.0) > reactor.seconds() + longest:
            first.wait(longest)

    def _make_next(self) -> None:
        """Some are bound: the next follows, one at a time."""
        current = self._current
        if self._leaving or any(not each.is_bound and not each.is_idle for each in current):
            return  # its end, or its bind, calls again
        idle = next((each for each in current if each.is_idle), None)
        if idle is None:
            return
        if self._has_seat():
            idle.connect()
        elif not self._make_room():
            idle.bind_error = describe(ALREADY_BOUND)
            idle.wait(retry_delays.LONGEST)

    def _has_seat(self) -> bool:
        return self._seats.has_free(self._settings, [*self.sessions, *self._leaving])

    def _make_room(self) -> bool:
        """End one old bind for a new one, unless one has ended for that already, or is about to."""
        old = self._outdated
        if not old or self._leaving or self._seats.has_made_room:
            return False
        self._seats.has_made_room = True
        self._replace([exchange.least_needed(self._settings.bind_types, old)])
        return True

    def _use_room(self) -> None:
        """A bind has ended: try the one that the carrier refused for lack of room."""
        for each in self._current:
            if each.lacks_seat and not each.is_open:
                each.refusals = 0
                each.connect()
                return

    def _come_home(self, now: float) -> None:
        home = self._settings.hosts[0]
        away = [each for each in self._current if each.is_bound and each.host != home]
        is_busy = any(
            each.is_outdated or (each.is_open and not each.is_bound) for each in self.sessions
        )
        delay = self._settings.home_delay
        if is_busy or not self._home_coming.is_due(now, delay, is_away=bool(away)):
            return
        if self._has_seat():
            self._add(away[0].bind_type, only_first=True).connect()
        else:
            if_reachable(home, lambda: self._replace([e for e in away[:1] if e in self.sessions]))

    def _replace(self, sessions: Iterable[CarrierSession]) -> None:
        """End these binds: others are bound in their place, or will be once these are gone."""
        for each in sessions:
            others = any(other.can_submit for other in self.sessions if other is not each)
            seconds = self._settings.response_timeout if others else DRAIN_TIMEOUT
            self._end(each, REPLACED, seconds)

    def _end(self, session: CarrierSession, why: str, seconds: float) -> None:
        self.sessions.remove(session)
        if session.is_open:
            self._leaving.append(session)
        session.end(why, seconds)

    def _tell_stopped(self) -> None:
        if not self._leaving:
            waiters, self._stop_waiters = self._stop_waiters, []
            for each in waiters:
                each.callback(None)
