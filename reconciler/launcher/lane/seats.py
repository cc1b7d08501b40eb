"""How many binds of an account the carrier takes."""

from __future__ import annotations

import logging
from collections.abc import Collection

from messaging.smpp.protocol.command_status import by_name
from reconciler.launcher.lane.carrier_session import ALREADY_BOUND, CarrierSession
from reconciler.launcher.lane.carrier_settings import CarrierSettings

NEW = 5.0  # seconds: a bind that is lost so soon after another came has made room for it
BIND_FAILED = by_name("ESME_RBINDFAIL").value
_log = logging.getLogger("lane")


class Seats:
    """`has_made_room`: an old bind has ended for a new one, which is not bound yet. `ousted`: how
    often in a row the carrier has ended a bind when another came."""

    __slots__ = ("has_made_room", "ousted", "_most")

    def __init__(self) -> None:
        self.has_made_room = False
        self.ousted = 0
        self._most: int | None = None  # None: not known

    def forget(self) -> None:
        self._most, self.ousted = None, 0

    def bound(self, count: int) -> None:
        """Note that so many are bound."""
        self.has_made_room = False
        if self._most is not None and count > self._most:
            self._most = None

    def refused(
        self, session: CarrierSession, status: int, others: Collection[CarrierSession]
    ) -> None:
        """Note that the carrier refused a bind beside the `others`, some of which are bound.

        ESME_RBINDFAIL means that no more binds are allowed only where another bind with the same
        password is up: else the password may be wrong.
        """
        taken = sum(each.client is not None and each.client.is_bound for each in others)
        if not taken or self.has_made_room:
            return
        has_twin = any(each.is_bound and not each.is_outdated for each in others)
        if status == ALREADY_BOUND or (status == BIND_FAILED and has_twin):
            self._most = taken
            _log.warning("%s: the carrier takes no more than %d binds", session.cid, taken)

    def lost(self, session: CarrierSession, others: Collection[CarrierSession]) -> None:
        """Note that a bind was lost, and whether the carrier has ended it because one of the
        `others` came after it, as some carriers do where a bind is one too many.

        One that came at another host is no reason: it went there because this host died. Where the
        host has ended all, none of them had to make room, and those that wait for that are parked.
        """
        at_host = [each for each in others if each.is_bound and each.host == session.host]
        latest = min(NEW, session.lasted)
        session.is_ousted = any(each.bound_for < latest for each in at_host)
        self.ousted = self.ousted + 1 if session.is_ousted else 0
        if session.is_ousted:
            session.link_error = "the carrier ended this bind when another came"
            _log.warning("%s: %s", session.cid, session.link_error)
        if not at_host:
            for each in others:
                if each.is_ousted:
                    each.park()

    def has_free(self, settings: CarrierSettings, sessions: Collection[CarrierSession]) -> bool:
        """Whether the carrier takes one more bind beside these, as far as we know."""
        limits = [limit for limit in (settings.max_binds, self._most) if limit]
        open_ones = [each for each in sessions if each.is_open]
        taken = sum(each.settings.system_id == settings.system_id for each in open_ones)
        return not limits or taken < min(limits)
