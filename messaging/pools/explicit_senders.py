"""Whether a message may name a sender in `from`, by the rules of the pool's preview."""

from __future__ import annotations

from messaging.countries import country_of
from messaging.numbers import sender_type
from messaging.pools.engine.eligibility import faults
from messaging.pools.engine.values import Member
from messaging.pools.models import SenderPool
from messaging.pools.rosters import roster


def fault(sender: str, destination: str, pool: SenderPool | None) -> str:
    """Why it may not send to this number, in the preview's words; "" if it may.

    `pool` is the one that the message names along with it. If the sender is a member of it, the
    pool's own rules hold for it; else the country's alone.
    """
    candidates = roster(pool).at(destination).candidates if pool else ()
    for each in candidates:
        if each.member.sender == sender:
            return "" if each.eligible else each.reason
    unlisted = Member(id="", sender=sender, type=sender_type(sender))
    return "; ".join(faults(unlisted, country_of(destination)))
