"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from messaging.pools.serializers import PoolSerializer
from orbit.api.schema import documented

_NOW = "2026-03-08T12:00:00Z"
_ID = "pool_0198f3a27b1c7d3e9a51c0ffee0ddba1"
CARRIER_ID = "carr_0198f3a27b1c7d3e9a51c0ffee0ddba1"
MEMBERS = [
    {
        "id": "mem_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        "sender": "+14155550100",
        "type": "long_code",
        "weight": 2,
        "countries": [],
        "enabled": True,
    },
    {
        "id": "mem_0198f3a27b1c7d3e9a51c0ffee0ddba2",
        "sender": "+12125550100",
        "type": "long_code",
        "weight": 1,
        "countries": ["US", "CA"],
        "enabled": True,
    },
    {
        "id": "mem_0198f3a27b1c7d3e9a51c0ffee0ddba3",
        "sender": "ACME",
        "type": "alphanumeric",
        "weight": 1,
        "countries": [],
        "enabled": True,
    },
]
_EXAMPLE = {
    "id": _ID,
    "name": "Support",
    "strategy": "weighted",
    "sticky": True,
    "sticky_ttl_days": 15,
    "geo_match": False,
    "carrier_ids": [CARRIER_ID],
    "members": MEMBERS,
    "created_at": _NOW,
    "updated_at": _NOW,
}
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List sender pools",
    answer=PoolSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
create = documented(
    summary="Add a sender pool",
    description="""Senders that take turns. Who sends is settled in this order:

1. those who may: enabled, for the destination's country, of a type that the country takes;
2. `sticky`: the sender that the destination had last, for `sticky_ttl_days` after each message;
3. `geo_match`: those of the destination's area code (US and CA), else of its country;
4. `strategy`. `round_robin` and `weighted` are exact over each full cycle of those who may send,
   in the order of `members`; `random` goes by a stored seed, so that it can be previewed, too.

A pool that is attached to carriers sends through those alone; one that is attached to none may
send through all of yours.""",
    request=PoolSerializer,
    answer=PoolSerializer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "QUOTA_EXCEEDED"],
    request_example={
        "name": "Support",
        "strategy": "weighted",
        "sticky": True,
        "carrier_ids": [CARRIER_ID],
        "members": [
            {"sender": "+14155550100", "weight": 2},
            {"sender": "+12125550100", "countries": ["US", "CA"]},
            {"sender": "ACME"},
        ],
    },
    example=_EXAMPLE,
)
get = documented(
    summary="Get a sender pool", answer=PoolSerializer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a sender pool",
    description="`members` replaces the list: a member whose sender stays keeps its id, its "
    "destinations and its place in the cycle.",
    request=PoolSerializer,
    answer=PoolSerializer,
    errors=[*_ONE, "MISSING_REQUIRED_FIELD", "INVALID_STATE", "QUOTA_EXCEEDED"],
    request_example={"sticky": False},
    example=_EXAMPLE,
)
delete = documented(
    summary="Delete a sender pool",
    status=204,
    errors=[*_ONE, "SENDER_POOL_IN_USE", "INVALID_STATE"],
)
