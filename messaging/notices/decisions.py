"""Decides which incidents open and close, and which of that is told. Pure: the same conditions,
incidents and clock give the same decisions.

An incident is a cause: a carrier that is down is one, however many credentials it touches.
Recipients are told once that it opened and, if they were, once that it is over. A silenced incident
is recorded all the same; if it outlasts the silence, recipients are told then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CALM = timedelta(seconds=60)  # that a condition stays away at least before its incident closes


class Kind(StrEnum):
    """What may be wrong."""

    BIND = "bind"
    DELIVERY = "delivery"
    QUEUE = "queue"
    CERTIFICATE = "certificate"
    GATEWAY = "gateway"
    DISK = "disk"
    LOG = "log"
    INBOUND = "inbound"
    WEBHOOK = "webhook"
    THROTTLED = "throttled"
    SLOW = "slow"
    KEY = "key"
    DATABASE = "database"


@dataclass(frozen=True)
class Touched:
    """A credential, carrier or organisation that suffers. `organization_id` "": it is none of an
    organisation, and only operators are told of it."""

    organization_id: str
    name: str


@dataclass(frozen=True)
class Condition:
    """Something that is wrong now.

    `key` names the cause and stays the same while it lasts. `advice` says what to do, `path` leads
    to the page of the console where that is done. `since` is None where the source does not know
    when it began: then the incident begins with the round that found it.
    """

    key: str
    kind: Kind
    what: str
    why: str
    advice: str
    path: str
    since: datetime | None = None
    touches: tuple[Touched, ...] = ()

    @property
    def organization_ids(self) -> frozenset[str]:
        return frozenset(each.organization_id for each in self.touches if each.organization_id)


@dataclass(frozen=True)
class Incident:
    """An open incident. `missing_since`: the first round that did not find its condition, None
    while rounds find it. `told`: whether recipients were told that it opened. `calm`: how long its
    condition has to stay away until it is closed."""

    id: str
    key: str
    kind: Kind
    organization_ids: frozenset[str] = frozenset()
    missing_since: datetime | None = None
    told: bool = False
    calm: timedelta = CALM


@dataclass(frozen=True)
class Silence:
    """Nobody is told from `start` until `end`; "" stands for every kind, every organisation."""

    start: datetime
    end: datetime
    kind: str = ""
    organization_id: str = ""

    def covers(self, kind: Kind, organization_ids: Collection[str], now: datetime) -> bool:
        """One organisation's silence covers what touches nobody else."""
        if not self.start <= now < self.end or self.kind not in ("", kind):
            return False
        return not self.organization_id or set(organization_ids) == {self.organization_id}


@dataclass(frozen=True)
class Decisions:
    """- `opened`: conditions that become incidents; `seen`: ids of open ones with their conditions.
    - `missing`: ids of incidents whose condition is away from now on; `closed`: ids.
    - `tell_opened`: keys of incidents of which recipients learn that they opened; `tell_closed`:
      ids of those of which they learn that they are over."""

    opened: tuple[Condition, ...] = ()
    seen: tuple[tuple[str, Condition], ...] = ()
    missing: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    tell_opened: tuple[str, ...] = ()
    tell_closed: tuple[str, ...] = ()


def decide(
    conditions: Iterable[Condition],
    incidents: Sequence[Incident],
    silences: Sequence[Silence],
    now: datetime,
    *,
    unread: Collection[Kind] = (),
) -> Decisions:
    """`unread`: kinds whose source could not be read; their incidents stay as they are."""
    current = {each.key: each for each in conditions}
    known = {each.key: each for each in incidents}
    opened = tuple(each for key, each in current.items() if key not in known)
    seen = tuple((known[key].id, each) for key, each in current.items() if key in known)
    gone = [each for each in incidents if each.key not in current and each.kind not in unread]
    over = [each for each in gone if each.missing_since and now - each.missing_since >= each.calm]
    return Decisions(
        opened=opened,
        seen=seen,
        missing=tuple(each.id for each in gone if each.missing_since is None),
        closed=tuple(each.id for each in over),
        tell_opened=tuple(
            each.key
            for each in current.values()
            if not (each.key in known and known[each.key].told)
            and not _is_silent(each.kind, each.organization_ids, silences, now)
        ),
        tell_closed=tuple(
            each.id
            for each in over
            if each.told and not _is_silent(each.kind, each.organization_ids, silences, now)
        ),
    )


def _is_silent(
    kind: Kind, organization_ids: Collection[str], silences: Iterable[Silence], now: datetime
) -> bool:
    return any(each.covers(kind, organization_ids, now) for each in silences)
