"""What OpenAPI says of the explained routes and of the preview of a pool."""

from __future__ import annotations

from messaging.carriers.documentation import CREDENTIAL_ID, ID
from messaging.pools.documentation import CARRIER_ID, MEMBERS
from messaging.routing.serializers import PreviewSerializer, RoutesSerializer
from orbit.api.schema import documented

_ROUTES_EXAMPLE = {
    "destination": "+33639980001",
    "country": "FR",
    "carriers": [
        {
            "position": 1,
            "id": ID,
            "name": "Orange FR",
            "credential_id": CREDENTIAL_ID,
            "bound": True,
            "reason": "lists FR; fallback_order 1, quality 80, billing_rate 0.0045",
            "quality": {
                "delivery_rate": 96.4,
                "sample": 2800,
                "receipt_seconds": {"median": 4.0, "p95": 15.0},
                "refused": 0,
                "suspicious": None,
            },
        }
    ],
    "left_out": [
        {
            "id": "carr_0198f3a27b1c7d3e9a51c0ffee0ddba2",
            "name": "Verizon",
            "reason": "does not serve FR",
        }
    ],
    "note": None,
}
_PREVIEW_EXAMPLE = {
    "destination": "+14155552671",
    "country": "US",
    "selected": {
        "member_id": MEMBERS[0]["id"],
        "sender": "+14155550100",
        "type": "long_code",
    },
    "step": "strategy",
    "carrier": {"id": CARRIER_ID, "name": "Verizon", "bound": True},
    "candidates": [
        {
            "member_id": MEMBERS[0]["id"],
            "sender": "+14155550100",
            "eligible": True,
            "reason": "eligible",
        },
        {
            "member_id": MEMBERS[1]["id"],
            "sender": "+12125550100",
            "eligible": True,
            "reason": "eligible",
        },
        {
            "member_id": MEMBERS[2]["id"],
            "sender": "ACME",
            "eligible": False,
            "reason": "US refuses alphanumeric senders",
        },
    ],
    "next": ["+14155550100", "+14155550100", "+14155550100"],
    "note": None,
}

routes = documented(
    summary="Explain which carriers a destination takes",
    description="In the order in which they are tried, with why each is where it is, and why the "
    "others are not there. A carrier that is not bound keeps its place, and the next one is tried. "
    "`quality` has the numbers by which one with `quality_mode` `enforce` may stand further back. "
    "Write the `+` of the number as `%2B`.",
    answer=RoutesSerializer,
    errors=["MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER"],
    example=_ROUTES_EXAMPLE,
)
preview = documented(
    summary="Preview the next senders for a destination",
    description="Says who would send and why, who would not and why not, and which carrier would "
    "take the message. It changes nothing and reserves nothing: if the pool's next message is for "
    "this destination, and nothing that it names has changed, it gets the sender that is named "
    "here. A candidate that is not eligible is refused as `from`, too, for the same reason, in a "
    "message that names this pool. A pool that is attached to carriers sends through those alone: "
    "with another `carrier_id`, `carrier` is null and `note` says so in the words with which the "
    "message would be refused (`NO_ROUTE`). Write the `+` of the number as `%2B`.",
    answer=PreviewSerializer,
    errors=["NOT_FOUND", "MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER"],
    example=_PREVIEW_EXAMPLE,
)
