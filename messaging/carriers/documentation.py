"""What OpenAPI says of the routes: a decorator for each handler, and the answers' shapes."""

from __future__ import annotations

from rest_framework import serializers

from messaging.carriers.serializers import CarrierSerializer
from messaging.credentials.documentation import BindAnswer
from messaging.credentials.models import SyncState
from orbit.api.schema import documented


class CarrierCredentialAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    bind = BindAnswer()


class CarrierSyncAnswer(serializers.Serializer):
    state = serializers.ChoiceField(SyncState.choices)
    error = serializers.CharField(
        allow_null=True,
        help_text="why the gateway does not have its credential, or its place behind your access, "
        "as it should be",
    )


class RouteAnswer(serializers.Serializer):
    country = serializers.CharField(help_text="* for all countries that no carrier lists")
    position = serializers.IntegerField(help_text="1 is tried first")
    of = serializers.IntegerField()


class CarrierAnswer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    credential_id = serializers.CharField()
    countries = serializers.ListField(child=serializers.CharField())
    quality = serializers.IntegerField()
    fallback_order = serializers.IntegerField()
    billing_rate = serializers.CharField(help_text="per segment")
    currency = serializers.CharField()
    enabled = serializers.BooleanField()
    credential = CarrierCredentialAnswer()
    sync = CarrierSyncAnswer()
    sender_pools = serializers.ListField(child=serializers.CharField())
    routes = RouteAnswer(many=True, help_text="where it stands now; empty while it is not in use")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


_NOW = "2026-03-08T12:00:00Z"
ID = "carr_0198f3a27b1c7d3e9a51c0ffee0ddba1"
CREDENTIAL_ID = "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_EXAMPLE = {
    "id": ID,
    "name": "Orange FR",
    "credential_id": CREDENTIAL_ID,
    "countries": ["FR", "MC"],
    "quality": 80,
    "fallback_order": 1,
    "billing_rate": "0.0045",
    "currency": "EUR",
    "enabled": True,
    "credential": {
        "id": CREDENTIAL_ID,
        "name": "Orange FR",
        "bind": {"state": "bound", "since": _NOW, "observed_at": _NOW, "error": None},
    },
    "sync": {"state": "synced", "error": None},
    "sender_pools": [],
    "routes": [
        {"country": "FR", "position": 1, "of": 2},
        {"country": "MC", "position": 1, "of": 1},
    ],
    "created_at": _NOW,
    "updated_at": _NOW,
}
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List carriers",
    answer=CarrierAnswer,
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
    answer=CarrierAnswer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD"],
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
    summary="Get a carrier", answer=CarrierAnswer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a carrier",
    description="Messages take the new order about a second later; `name` and `currency` alone do "
    "not touch the gateway.",
    request=CarrierSerializer,
    answer=CarrierAnswer,
    errors=[*_ONE, "INVALID_STATE"],
    request_example={"fallback_order": 2},
    example=_EXAMPLE | {"fallback_order": 2},
)
delete = documented(
    summary="Delete a carrier",
    description="Its test sends go with it. Its credential stays.",
    status=204,
    errors=[*_ONE, "CARRIER_IN_USE"],
)
