"""How the order of carriers for a destination, and the preview of a pool, are answered."""

from __future__ import annotations

from messaging.carriers.demotions import PROBE_PERCENT
from messaging.carriers.ranking import RouteCandidate, explain
from messaging.countries import country_of
from messaging.pools.engine.values import Step
from messaging.quality import report
from messaging.quality.serializers import RouteQualitySerializer
from messaging.routing import loader, selection
from messaging.routing.previews import Preview
from messaging.routing.selection import RoutingData
from messaging.routing.serializers import (
    ChosenCarrierSerializer,
    LeftOutCarrierSerializer,
    PreviewSerializer,
)
from messaging.routing.values import NO_SENDER, RouteRequest, Unroutable


def explained(organization_id: str, destination: str) -> dict:
    """The carriers of a number (E.164) in their order, and why; those left out, and why."""
    country = country_of(destination)
    found = loader.carriers(organization_id)
    explanation = explain(found, country)
    wanted = RouteRequest(destination, country or "", "")
    ids = [each.candidate.id for each in explanation.carriers]
    delivered = report.in_country(ids, country or "")
    return {
        "destination": destination,
        "country": country,
        "carriers": [
            ChosenCarrierSerializer.represent(each)
            | {"position": position, "quality": _quality(delivered.get(each.candidate.id))}
            for position, each in enumerate(explanation.carriers, start=1)
        ],
        "left_out": [LeftOutCarrierSerializer.represent(each) for each in explanation.left_out],
        "note": None if explanation.carriers else _nothing(found, wanted),
    }


def _quality(row: report.Row | None) -> dict | None:
    return RouteQualitySerializer.represent(row) if row else None


def previewed(found: Preview) -> dict:
    """What the next message would get, and why."""
    return PreviewSerializer.represent(found) | {"note": _note(found)}


def _note(found: Preview) -> str | None:
    """The `note` of the answer; None if there is nothing to say."""
    choice, refusal, notes = found.choice, found.refusal, []
    if not choice.candidates:
        notes.append("The pool has no members.")
    elif choice.member is None and not (refusal and refusal.code == NO_SENDER):
        notes.append("No sender of the pool may send there: NO_ELIGIBLE_SENDER.")
    elif choice.step is Step.STRATEGY and found.geo_match:
        notes.append("No sender that may send is of the destination's country: all take turns.")
    if refusal:
        notes.append(_refused(refusal))
    if found.probed:
        notes.append(
            f"{PROBE_PERCENT} % of the messages try {found.probed.name} first, which delivered too "
            "little."
        )
    if found.carrier and not found.carrier.bound:
        notes.append("No carrier for it is bound now: a message would wait.")
    return " ".join(notes) or None


def _refused(error: Unroutable) -> str:
    """The words of the refusal at POST, and its code."""
    return f"{error.message} A message would be refused with {error.code}."


def _nothing(found: list[RouteCandidate], wanted: RouteRequest) -> str:
    if not found:
        return "There are no carriers yet."
    return _refused(selection.refusal(RoutingData(found), wanted, []))
