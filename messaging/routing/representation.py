"""How the order of carriers for a destination, and the preview of a pool, are answered."""

from __future__ import annotations

from messaging.carriers.ranking import ExplainedCandidate, RouteCandidate, explain
from messaging.countries import country_of
from messaging.pools.engine.values import Member, Step
from messaging.routing import loader, selection
from messaging.routing.previews import Preview
from messaging.routing.selection import RoutingData
from messaging.routing.values import NO_SENDER, RouteRequest, Unroutable


def explained(organization_id: str, destination: str) -> dict:
    """The carriers of a number (E.164) in their order, and why; those left out, and why."""
    country = country_of(destination)
    found = loader.carriers(organization_id)
    explanation = explain(found, country)
    wanted = RouteRequest(destination, country or "", "")
    return {
        "destination": destination,
        "country": country,
        "carriers": [
            {"position": position, **_brief(each)}
            for position, each in enumerate(explanation.carriers, start=1)
        ],
        "left_out": [
            {"id": each.candidate.id, "name": each.candidate.name, "reason": each.reason}
            for each in explanation.left_out
        ],
        "note": None if explanation.carriers else _nothing(found, wanted),
    }


def previewed(found: Preview) -> dict:
    """What the next message would get, and why."""
    choice = found.choice
    return {
        "destination": found.destination,
        "country": found.country,
        "selected": _selected(choice.member) if choice.member else None,
        "step": choice.step,
        "carrier": {
            "id": found.carrier.id,
            "name": found.carrier.name,
            "bound": found.carrier.bound,
        }
        if found.carrier
        else None,
        "candidates": [
            {
                "member_id": each.member.id,
                "sender": each.member.sender,
                "eligible": each.eligible,
                "reason": each.reason,
            }
            for each in choice.candidates
        ],
        "next": [member.sender for member in found.next],
        "note": _note(found),
    }


def _note(found: Preview) -> str | None:
    """What else there is to say; None if there is nothing."""
    choice, refusal, notes = found.choice, found.refusal, []
    if not choice.candidates:
        notes.append("The pool has no members.")
    elif choice.member is None and not (refusal and refusal.code == NO_SENDER):
        notes.append("No sender of the pool may send there: NO_ELIGIBLE_SENDER.")
    elif choice.step is Step.STRATEGY and found.geo_match:
        notes.append("No sender that may send is of the destination's country: all take turns.")
    if refusal:
        notes.append(_refused(refusal))
    if found.carrier and not found.carrier.bound:
        notes.append("No carrier for it is bound now: a message would wait.")
    return " ".join(notes) or None


def _refused(error: Unroutable) -> str:
    """The words of the refusal at POST, and its code."""
    return f"{error.message} A message would be refused with {error.code}."


def _brief(each: ExplainedCandidate) -> dict:
    carrier = each.candidate
    return {
        "id": carrier.id,
        "name": carrier.name,
        "credential_id": carrier.credential_id,
        "bound": carrier.bound,
        "reason": each.reason,
    }


def _nothing(found: list[RouteCandidate], wanted: RouteRequest) -> str:
    if not found:
        return "There are no carriers yet."
    return _refused(selection.refusal(RoutingData(found), wanted, []))


def _selected(member: Member) -> dict:
    return {"member_id": member.id, "sender": member.sender, "type": member.type}
