"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from messaging.carriers.models import Carrier
from messaging.carriers.serializers import CarrierSerializer
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from orbit.api.schema import documented

ID = "carr_0198f3a27b1c7d3e9a51c0ffee0ddba1"
CREDENTIAL_ID = "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)


def _example() -> dict[str, Any]:
    credential = Credential(id=CREDENTIAL_ID, name="Orange FR")
    credential.status = CredentialStatus(
        sync_state=SyncState.SYNCED,
        bind_state=BindState.BOUND,
        bind_since=_MOMENT,
        observed_at=_MOMENT,
    )
    carrier = Carrier(
        id=ID,
        name="Orange FR",
        credential=credential,
        countries=["FR", "MC"],
        quality=80,
        billing_rate=Decimal("0.0045"),
        currency="EUR",
        created_at=_MOMENT,
        updated_at=_MOMENT,
    )
    routes = [
        {"country": "FR", "position": 1, "of": 2},
        {"country": "MC", "position": 1, "of": 1},
    ]
    return CarrierSerializer.represent(carrier) | {"routes": routes}


_EXAMPLE = _example()
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List carriers",
    answer=CarrierSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
create = documented(
    summary="Add a carrier",
    description="A credential that can send, with where and how well it serves. For each "
    "destination the carriers that list its country come first, then those of `*`; within each the "
    "lowest `fallback_order`, the highest `quality`, the lowest `billing_rate`, the oldest.",
    request=CarrierSerializer,
    answer=CarrierSerializer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "QUOTA_EXCEEDED"],
    request_example={
        "name": "Orange FR",
        "credential_id": CREDENTIAL_ID,
        "countries": ["FR", "MC"],
        "quality": 80,
        "billing_rate": "0.0045",
        "currency": "EUR",
    },
    example=_EXAMPLE,
)
get = documented(
    summary="Get a carrier", answer=CarrierSerializer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a carrier",
    description="Messages take the new order about a second later; `name` and `currency` alone do "
    "not touch the gateway.",
    request=CarrierSerializer,
    answer=CarrierSerializer,
    errors=[*_ONE, "INVALID_STATE"],
    request_example={"fallback_order": 2},
    example=_EXAMPLE,
)
delete = documented(
    summary="Delete a carrier",
    description="Its test sends go with it. Its credential stays.",
    status=204,
    errors=[*_ONE, "CARRIER_IN_USE"],
)
