"""What is opened, closed and told. Pure: the same conditions, rows and clock give the same.

An incident is a cause: a carrier that is down is one, however many credentials it touches. It is
told once when it opens, and once when it is over, if it was told that it opened. What is silenced
is a row all the same, and is told once the silence ends while it still lasts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CALM = timedelta(seconds=60)  # so long a condition is away at least before its incident is over


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


@dataclass(frozen=True)
class Touched:
    """Something that a cause touches; `organization_id` "" is nobody's but the operators'."""

    organization_id: str
    name: str


@dataclass(frozen=True)
class Condition:
    """Something that is wrong now.

    `key` names the cause: it is the same as long as the cause lasts. `advice`: what to do; `path`:
    the page of the console that does it. `since`: None where nobody knows.
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
    """An open one. `missing_since`: since when its condition is away; `told`: that it opened;
    `calm`: how long its condition has to be away."""

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
    """`opened`, and `seen` again, by their conditions; ids of those that are `missing` from now on
    and `closed`; keys to tell that they opened, ids to tell that they are over."""

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
    """`unread`: kinds of which nobody knows now; their incidents stay as they are."""
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
