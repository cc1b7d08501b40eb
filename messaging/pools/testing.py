"""The sender of a test that names none."""

from __future__ import annotations

from messaging.carriers.models import Carrier
from messaging.pools import selectors
from messaging.pools.choosing import preview


def sender_of_a_test(carrier: Carrier, to: str) -> str | None:
    """The sender that the carrier's pools would give to a message now: of the oldest that has one.

    It takes no turn and leaves no sticky mapping: a test is no message of a customer's. Turns stay
    as even among messages as they were, a preview stays true, and testing twice tests the same.
    """
    for pool in selectors.attached_to(carrier.id):
        member = preview(pool, to, carrier_id=carrier.id).choice.member
        if member:
            return member.sender
    return None
