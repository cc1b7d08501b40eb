"""How a pool, and the preview of its next choice, are answered."""

from __future__ import annotations

from messaging.pools import selectors
from messaging.pools.choosing import Preview
from messaging.pools.engine.values import Member, Step
from messaging.pools.models import PoolMember, SenderPool
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(pool: SenderPool) -> dict:
    """One pool as the API answers it."""
    return {
        "id": pool.id,
        **_written(pool),
        "created_at": timestamp(pool.created_at),
        "updated_at": timestamp(pool.updated_at),
    }


def tag(pool: SenderPool) -> str:
    """ETag over what people wrote: choices leave it alone."""
    return etag({"id": pool.id, **_written(pool)})


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
        "note": note(found),
    }


def note(found: Preview) -> str | None:
    """What else there is to say; None if there is nothing."""
    choice = found.choice
    where = f"takes {found.country}" if found.country else "takes numbers that have no country"
    notes = []
    if not choice.candidates:
        notes.append("The pool has no members.")
    elif choice.member is None:
        notes.append("No sender of the pool may send there: NO_ELIGIBLE_SENDER.")
    elif choice.step is Step.STRATEGY and found.geo_match:
        notes.append("No sender that may send is of the destination's country: all take turns.")
    if found.carrier is None:
        notes.append(f"No carrier in use {where}: a message would be refused with NO_ROUTE.")
    elif not found.carrier.bound:
        notes.append("No carrier for it is bound now: a message would wait.")
    return " ".join(notes) or None


def _written(pool: SenderPool) -> dict:
    """In the order of the API's documentation."""
    return {
        "name": pool.name,
        "strategy": pool.strategy,
        "sticky": pool.sticky,
        "sticky_ttl_days": pool.sticky_ttl_days,
        "geo_match": pool.geo_match,
        "carrier_ids": selectors.carrier_ids(pool),
        "members": [_member(member) for member in pool.members.all()],
    }


def _member(member: PoolMember) -> dict:
    return {
        "id": member.id,
        "sender": member.sender,
        "type": member.type,
        "weight": member.weight,
        "countries": member.countries,
        "enabled": member.enabled,
    }


def _selected(member: Member) -> dict:
    return {"member_id": member.id, "sender": member.sender, "type": member.type}
