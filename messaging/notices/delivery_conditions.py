"""Carriers that deliver too little, or send no receipts any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging import gateway
from messaging.carriers.demotions import Level
from messaging.carriers.models import Carrier
from messaging.credentials.models import BindState
from messaging.notices.decisions import Condition, Kind, Touched
from messaging.quality import falls
from messaging.quality.models import CarrierStanding

ROWS = 1_000  # standings
_SETTLING = timedelta(minutes=2)  # after a bind came up: receipts of before may be lost
_LOW = "See the codes of its failures on its page; another carrier may take its countries."
_SILENT = "Ask the carrier for its receipts; its page shows since when none comes."


@dataclass(frozen=True)
class _Trouble:
    """What a carrier does in one country."""

    since: datetime
    why: str
    is_silent: bool = False


def delivery(now: datetime) -> Iterable[Condition]:
    """One a carrier that stands back by its deliveries, or that delivers far less than within the
    day before, as of the moment until which all receipts are read. A carrier without a bind is none
    of these: that its messages have no receipts has another cause."""
    trouble: dict[str, list[_Trouble]] = defaultdict(list)
    demoted = set()
    for row in _standings():
        demoted.add((row["carrier_id"], row["country"]))
        rate = row["evidence"].get("rate", "?")
        trouble[row["carrier_id"]].append(_Trouble(row["since"], f"{row['country']} {rate} %"))
    for each in falls.read(min(now, gateway.reported_until())):
        if each.is_silent or (each.carrier_id, each.country) not in demoted:
            found = _of(each)
            known = trouble[each.carrier_id]
            trouble[each.carrier_id] = [found] if each.is_silent else [*known, found]
    carriers = Carrier.objects.filter(
        pk__in=trouble, credential__status__bind_state=BindState.BOUND
    ).exclude(credential__status__bind_since__gt=now - _SETTLING)
    for pk, organization_id, name in carriers.order_by("pk").values_list(
        "pk", "organization_id", "name"
    ):
        yield _condition(pk, Touched(organization_id, name), trouble[pk])


def _standings() -> Iterable[dict]:
    rows = CarrierStanding.objects.exclude(level=Level.HEALTHY.value).order_by("since")
    return rows.values("carrier_id", "country", "since", "evidence")[:ROWS]


def _of(fall: falls.Fall) -> _Trouble:
    country = fall.country or "numbers of no country"
    if fall.is_silent:
        why = f"{country}: none for {fall.evidence.sample} messages that it took"
    else:
        why = f"{country} {fall.evidence.rate:.1f} %, usually {fall.usual:.1f} %"
    return _Trouble(fall.evidence.start, why, fall.is_silent)


def _condition(pk: str, carrier: Touched, trouble: Sequence[_Trouble]) -> Condition:
    is_silent = any(each.is_silent for each in trouble)
    said = ", ".join(each.why for each in trouble)
    return Condition(
        key=f"delivery:{pk}",
        kind=Kind.DELIVERY,
        what=f"{carrier.name} sends no receipts any more"
        if is_silent
        else f"{carrier.name} delivers too little",
        why=(said if is_silent else f"of its messages arrive: {said}")[:1000],
        advice=_SILENT if is_silent else _LOW,
        path=f"/admin/messaging/carrier/{pk}/change/",
        since=min(each.since for each in trouble),
        touches=(carrier,),
    )
