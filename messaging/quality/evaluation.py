"""Evaluate carriers: decide their levels, store them, and emit events.

Celery beat starts this every few seconds, after the counts were folded. Runs may overlap: a carrier
whose row another run has locked is skipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from messaging import gateway
from messaging.carriers import demotions
from messaging.carriers.demotions import Demotion, Level, QualityMode
from messaging.carriers.models import Carrier
from messaging.gateway import push_on_commit
from messaging.quality import selectors, standings
from messaging.quality.decisions import WINDOW, Changed, Minute, Rules, Standing, decide
from messaging.quality.events import event_of
from messaging.quality.models import QualityMove
from messaging.quality.selectors import NONE, Place, Receipts
from messaging.webhooks.events import emit_many

AT_ONCE = 200  # carriers whose counts are read together
_USUAL, _MARGIN = timedelta(minutes=30), timedelta(minutes=2)
# When a carrier's receipts began less than two hours ago, only the fast ones have arrived, and
# their 95 % says little.
_NEW, _WAIT_OF_NEW = timedelta(hours=2), timedelta(minutes=10)
_KEPT, _KEPT_SECONDS = "quality.receipts.", 300


@dataclass(frozen=True)
class _Decided:
    before: Standing
    after: Standing
    moves: Sequence[Changed]


def rules() -> Rules:
    return Rules(
        warn=settings.QUALITY_WARN,
        critical=settings.QUALITY_CRITICAL,
        least=settings.QUALITY_SAMPLE,
        first_pause=settings.QUALITY_FIRST_PAUSE,
        longest_pause=settings.QUALITY_LONGEST_PAUSE,
    )


def evaluate(now: datetime | None = None) -> None:
    """Decide the levels of all carriers whose `quality_mode` is not `off`.

    Receipts may wait unread in gateways' logs. So the time of the decision is the moment until
    which all logs have been read, and unread receipts don't count against a carrier.
    """
    now = now or min(timezone.now(), gateway.reported_until())
    asked = Carrier.objects.exclude(quality_mode=QualityMode.OFF).order_by("pk")
    ids = list(asked.values_list("pk", flat=True))
    for place in range(0, len(ids), AT_ONCE):
        _evaluate(ids[place : place + AT_ONCE], now)


def _evaluate(carrier_ids: Sequence[str], now: datetime) -> None:
    limits, known = rules(), standings.of(carrier_ids)
    receipts = _receipts(carrier_ids, now, least=limits.least)
    minutes = _minutes(carrier_ids, known, receipts, now)
    changed: dict[str, dict[str, _Decided]] = defaultdict(dict)
    for carrier_id, country in sorted({*minutes, *known}):
        if not country:
            continue  # without a country there is no other order of carriers
        before = known.get((carrier_id, country), Standing())
        own = receipts.get((carrier_id, country)) or receipts.get((carrier_id, ""), NONE)
        after, moves = decide(
            before,
            minutes.get((carrier_id, country), []),
            now,
            wait=_wait(own, now),
            has_receipts=own.exist,
            rules=limits,
        )
        if after != before:
            changed[carrier_id][country] = _Decided(before, after, moves)
    for carrier_id, decided in changed.items():
        _apply(carrier_id, decided, now)


def _wait(receipts: Receipts, now: datetime) -> timedelta:
    is_new = receipts.since is not None and now - receipts.since < _NEW
    return max(receipts.wait, _WAIT_OF_NEW) if is_new else receipts.wait


def _receipts(carrier_ids: Sequence[str], now: datetime, *, least: int) -> dict[Place, Receipts]:
    """`selectors.receipts_of`, asked anew every five minutes for carriers that send receipts: it
    reads a day of counts."""
    kept = cache.get_many([_KEPT + each for each in carrier_ids])
    found: dict[Place, Receipts] = {}
    for each in kept.values():
        found |= each
    unknown = [each for each in carrier_ids if _KEPT + each not in kept]
    fresh = selectors.receipts_of(unknown, now, least=least) if unknown else {}
    by_carrier: dict[str, dict[Place, Receipts]] = defaultdict(dict)
    for place, each in fresh.items():
        by_carrier[place[0]][place] = each
    cache.set_many({_KEPT + each: own for each, own in by_carrier.items()}, timeout=_KEPT_SECONDS)
    return found | fresh


def _minutes(
    carrier_ids: Sequence[str],
    known: Mapping[Place, Standing],
    receipts: Mapping[Place, Receipts],
    now: datetime,
) -> dict[Place, list[Minute]]:
    """The minutes that decisions need: the last half hour for most carriers, more for those that
    are probed or whose receipts are slow."""
    starts = dict.fromkeys(carrier_ids, now - WINDOW)
    for (carrier_id, _), each in receipts.items():
        starts[carrier_id] = min(starts[carrier_id], now - each.wait - WINDOW)
    for (carrier_id, _), standing in known.items():
        starts[carrier_id] = min(starts[carrier_id], standing.probing_since or now)
    usual = now - _USUAL
    found: dict[Place, list[Minute]] = {}
    quick = [each for each, start in starts.items() if start >= usual]
    slow = {each: start for each, start in starts.items() if start < usual}
    if quick:
        found |= selectors.minutes(quick, usual)
    if slow:
        oldest = now - selectors.LONGEST_WAIT - WINDOW
        found |= selectors.minutes(slow, max(min(slow.values()), oldest) - _MARGIN)
    return found


@transaction.atomic
def _apply(carrier_id: str, decided: Mapping[str, _Decided], now: datetime) -> None:
    rows = Carrier.objects.filter(pk=carrier_id).exclude(quality_mode=QualityMode.OFF)
    carrier = rows.select_for_update(of=("self",), skip_locked=True).first()
    if carrier is None:
        return
    stored = standings.of([carrier_id])
    mine = {
        country: each
        for country, each in decided.items()
        if stored.get((carrier_id, country), Standing()) == each.before
    }
    for country, each in mine.items():
        evidence = each.moves[-1].evidence.as_json() if each.moves else None
        standings.write(carrier_id, country, each.after, at=now, evidence=evidence)
    moves = [(country, move) for country, each in mine.items() for move in each.moves]
    QualityMove.objects.bulk_create(_row(carrier, country, move) for country, move in moves)
    emit_many([event_of(carrier, country, move) for country, move in moves])
    _put_back(carrier)


def _put_back(carrier: Carrier) -> None:
    """Write the carrier's demotions.

    The gateway's routes are synchronised unless only `probing` has changed: probes are chosen per
    message.
    """
    found = standings.of([carrier.pk])
    demoted = [
        Demotion(country, each.level, each.probing_since is not None)
        for (_, country), each in found.items()
        if each.level is not Level.HEALTHY
    ]
    text = demotions.write(demoted)
    if text == carrier.demotions:
        return
    before = demotions.read(carrier.demotions)
    Carrier.objects.filter(pk=carrier.pk).update(demotions=text)
    if carrier.quality_mode == QualityMode.ENFORCE and _levels(before) != _levels(demoted):
        push_on_commit(carrier.organization_id)


def _levels(found: Iterable[Demotion]) -> set[tuple[str, Level]]:
    return {(each.country, each.level) for each in found}


def _row(carrier: Carrier, country: str, move: Changed) -> QualityMove:
    return QualityMove(
        organization_id=carrier.organization_id,
        carrier_id=carrier.pk,
        country=country,
        mode=carrier.quality_mode,
        before=move.before.value,
        after=move.after.value,
        at=move.at,
        evidence=move.evidence.as_json(),
    )
