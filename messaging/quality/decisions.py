"""Decide a carrier's level in a country from what it delivers there. Pure.

`decide` depends on its arguments only (standing, counts by minute, time), so replaying the same
rows gives the same decisions.

- A minute counts once it is older than the time in which 95 % of the carrier's receipts arrive;
  younger messages would count as undelivered. Of these minutes the latest are used, until they have
  `ENOUGH` messages or span `WINDOW`.
- A carrier falls below a limit only if the upper bound of its confidence interval does, so a few
  bad messages prove nothing.
- A demoted carrier gets hardly any messages, so nothing would show that it has recovered. After a
  pause it is probed with a few messages (`demotions.is_probe`). If they are delivered it returns to
  its place, otherwise the next pause is twice as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from messaging.carriers.demotions import Level
from messaging.quality.figures import Figures, bounds

WINDOW = timedelta(minutes=15)
ENOUGH = 200  # messages
MOVES = 2  # an hour
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Rules:
    """`warn`, `critical`: percent. `least`: samples needed for any decision. Pauses in seconds."""

    warn: float
    critical: float
    least: int
    first_pause: int
    longest_pause: int


@dataclass(frozen=True)
class Standing:
    """A carrier's level in a country, and what the next decision needs to know.

    - `since`: when it reached this level; `moves`: when its level changed within the last hour.
    - `pause`: seconds of the next pause before probing; `paused_at`: when the running one began.
    - `probing_since`: when probing began, None while it is not probed.
    """

    level: Level = Level.HEALTHY
    since: datetime | None = None
    pause: int = 0
    paused_at: datetime | None = None
    probing_since: datetime | None = None
    moves: tuple[datetime, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether it equals the default, so that no row is needed."""
        return self.level is Level.HEALTHY and not self.moves and not self.pause


@dataclass(frozen=True)
class Minute:
    start: datetime
    figures: Figures


@dataclass(frozen=True)
class Evidence:
    """The counts behind a decision: `good` of `sample` messages in the minutes from `start` to
    `end`."""

    good: int
    sample: int
    start: datetime
    end: datetime

    @property
    def rate(self) -> float:
        return 100 * self.good / self.sample if self.sample else 100.0

    def as_json(self) -> dict[str, Any]:
        return {
            "delivered": self.good,
            "sample": self.sample,
            "rate": round(self.rate, 1),
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
        }


@dataclass(frozen=True)
class Changed:
    """A change of level."""

    before: Level
    after: Level
    at: datetime
    evidence: Evidence


def decide(
    standing: Standing,
    minutes: Sequence[Minute],
    now: datetime,
    *,
    wait: timedelta,
    has_receipts: bool,
    rules: Rules,
) -> tuple[Standing, list[Changed]]:
    """Return the new standing, and the change of level if there is one.

    `minutes`: of one carrier and country, in order. `wait`: the time in which 95 % of its receipts
    arrive. `has_receipts`: False for a carrier that never sends receipts; it is judged by its
    answers to submits.
    """
    standing = _forgotten(standing, now)
    until = now - _MINUTE - (wait if has_receipts else timedelta(0))
    known = [each for each in minutes if each.start <= until]
    if standing.probing_since is not None:
        return _probed(standing, known, now, has_receipts, rules)
    since = max(until - WINDOW, standing.since or until - WINDOW)
    evidence = _latest(known, since, has_receipts=has_receipts)
    level = _judged(evidence, rules)
    # At `warn` it still gets messages that the others can't take, so it may be found `critical`.
    is_worse = standing.level is Level.WARN and level is Level.CRITICAL
    if standing.level is Level.HEALTHY or is_worse:
        return _moved(standing, level, evidence, now, rules)
    pause = timedelta(seconds=standing.pause)
    if standing.paused_at is None or now >= standing.paused_at + pause:
        return replace(standing, probing_since=now), []
    return standing, []


def _probed(
    standing: Standing,
    known: Sequence[Minute],
    now: datetime,
    has_receipts: bool,
    rules: Rules,
) -> tuple[Standing, list[Changed]]:
    since = standing.probing_since or now
    evidence = _sum([each for each in known if each.start >= since], now, has_receipts=has_receipts)
    if evidence.sample < rules.least:
        if now - since < _DAY:
            return standing, []
        return _moved(standing, Level.HEALTHY, evidence, now, rules)  # too few in a day
    level = _judged(evidence, rules)
    if level is Level.HEALTHY:
        if evidence.rate < rules.warn:
            return standing, []  # only the bound passes: wait for more
        return _moved(standing, Level.HEALTHY, evidence, now, rules)
    again = replace(
        standing, probing_since=None, paused_at=now, pause=_longer(standing.pause, rules)
    )
    if level is standing.level:
        return again, []
    moved, moves = _moved(again, level, evidence, now, rules)
    return (moved, moves) if moves else (again, [])


def _moved(
    standing: Standing, level: Level, evidence: Evidence, now: datetime, rules: Rules
) -> tuple[Standing, list[Changed]]:
    """Change the level, unless it has changed `MOVES` times within the hour."""
    if level is standing.level or len(standing.moves) >= MOVES:
        return standing, []
    move = Changed(standing.level, level, now, evidence)
    moves = (*standing.moves, now)
    if level is Level.HEALTHY:
        back = replace(standing, level=level, since=now, paused_at=None, probing_since=None)
        return replace(back, pause=_longer(standing.pause, rules), moves=moves), [move]
    paused = replace(standing, level=level, since=now, paused_at=now, probing_since=None)
    return replace(paused, pause=standing.pause or rules.first_pause, moves=moves), [move]


def _forgotten(standing: Standing, now: datetime) -> Standing:
    """Forget changes older than an hour, and the pause of a carrier that was healthy for a day."""
    moves = tuple(each for each in standing.moves if now - _HOUR < each <= now)
    is_old = standing.level is Level.HEALTHY and (
        standing.since is None or now - standing.since >= _DAY
    )
    return replace(standing, moves=moves, pause=0 if is_old else standing.pause)


def _longer(pause: int, rules: Rules) -> int:
    return min(rules.longest_pause, 2 * (pause or rules.first_pause))


def _judged(evidence: Evidence, rules: Rules) -> Level:
    if evidence.sample < rules.least:
        return Level.HEALTHY
    _, highest = bounds(evidence.good, evidence.sample)
    if highest < rules.critical:
        return Level.CRITICAL
    return Level.WARN if highest < rules.warn else Level.HEALTHY


def _latest(known: Sequence[Minute], since: datetime, *, has_receipts: bool) -> Evidence:
    """Of the latest minutes with `ENOUGH` messages, or of all since then."""
    chosen: list[Minute] = []
    sample = 0
    for each in reversed(known):
        if each.start < since or sample >= ENOUGH:
            break
        chosen.append(each)
        sample += each.figures.sample(has_receipts=has_receipts)[1]
    return _sum(reversed(chosen), since, has_receipts=has_receipts)


def _sum(minutes: Iterable[Minute], otherwise: datetime, *, has_receipts: bool) -> Evidence:
    chosen = list(minutes)
    samples = [each.figures.sample(has_receipts=has_receipts) for each in chosen]
    return Evidence(
        good=sum(good for good, _ in samples),
        sample=sum(of for _, of in samples),
        start=chosen[0].start if chosen else otherwise,
        end=chosen[-1].start + _MINUTE if chosen else otherwise,
    )
