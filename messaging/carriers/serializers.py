"""Each field of a carrier once: for bodies, answers, OpenAPI and the console's form."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.carriers import validators
from messaging.carriers.demotions import QualityMode
from messaging.carriers.models import Carrier
from messaging.countries import COUNTRIES
from messaging.credentials.answers import BindSerializer
from messaging.credentials.models import SyncState
from messaging.credentials.references import EXPECTED
from messaging.credentials.validators import MAX_NAME
from messaging.credentials.validators import name as printable_name
from messaging.money import as_text
from messaging.serializer_fields import CheckedText, Reference
from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull
from orbit.api.query_params import ListQuery
from orbit.api.serializers import on_form

_COUNTRY_CODE = {"format": "country", "pattern": r"^([A-Z]{2}|\*)$"}
_COUNTRY = "ISO 3166-1 alpha-2 in upper case, such as FR"


class Countries(serializers.ListField):
    """Each country once, or `*` alone."""

    child = CheckedText(validators.country, openapi=_COUNTRY_CODE)
    openapi = {"minItems": 1, "maxItems": len(COUNTRIES), "format": "countries"}

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            validators.length(data)  # before the entries are looked at, however many they are
            return validators.countries(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class BillingRate(CheckedText):
    def __init__(self, **options: Any) -> None:
        openapi = {"pattern": r"^[0-9]{1,7}(\.[0-9]{1,5})?$"}
        super().__init__(validators.billing_rate, openapi=openapi, **options)

    def to_representation(self, value: Any) -> str:
        return as_text(value)


class CarrierCredentialSerializer(AnswerSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    bind = BindSerializer(source="observed")


class CarrierSyncSerializer(AnswerSerializer):
    """`sync` of a carrier: how far the gateway has followed."""

    state = serializers.ChoiceField(SyncState.choices, source="sync_state")
    error = TextOrNull(
        source="sync_error",
        help_text="why the gateway does not have its credential, or its place behind your access, "
        "as it should be",
    )


class RouteSerializer(AnswerSerializer):
    country = serializers.CharField(help_text="* for all countries that no carrier lists")
    position = serializers.IntegerField(help_text="1 is tried first")
    of = serializers.IntegerField()


class CarrierSerializer(ResourceSerializer):
    """The body of POST, with `partial=True` that of PATCH, and the answer."""

    id = serializers.CharField(read_only=True)
    name = CheckedText(
        printable_name,
        openapi={"format": "printable"},
        max_length=MAX_NAME,
        help_text="text of 1–64 printable characters, not `none`",
        style=on_form("Name"),
    )
    credential_id = Reference(
        help_text=EXPECTED,
        style=on_form("Credential", "Those of the organisation that can send.", choices=()),
    )
    countries = Countries(
        help_text=f'at most 250, each {_COUNTRY}; or ["*"] for any country',
        style=on_form("Countries", "Such as FR, BE; or * alone for any country."),
    )
    quality = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="a whole number from 0 to 100, higher is better (default 50)",
        style=on_form("Quality", "0–100, higher is better."),
    )
    fallback_order = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        help_text="a whole number from 1 to 100, lower is tried first (default 1)",
        style=on_form("Fallback order", "1–100, lower is tried first."),
    )
    billing_rate = BillingRate(
        required=False,
        help_text="price of a segment as text, 0 or more, at most 7 digits and 5 decimals "
        '(default "0")',
        style=on_form("Rate", "Price of a segment: 0.0325", strip=True),
    )
    currency = CheckedText(
        validators.currency,
        openapi={"format": "currency", "pattern": "^[A-Z]{3}$"},
        required=False,
        help_text="ISO 4217 in upper case (default USD)",
        style=on_form("Currency", "ISO 4217: USD", strip=True),
    )
    enabled = serializers.BooleanField(
        required=False,
        help_text="true (default) or false",
        style=on_form("Enabled", "Off: in no route."),
    )
    quality_mode = serializers.ChoiceField(
        [each.value for each in QualityMode],
        required=False,
        help_text="what is done where it delivers too little: off (default), advise (it is said), "
        "enforce (it stands further back)",
        style=on_form("Quality mode", "advise: said only; enforce: it stands further back."),
    )
    credential = CarrierCredentialSerializer(read_only=True)
    sync = CarrierSyncSerializer(read_only=True, source="credential.observed")
    sender_pools = serializers.ListField(child=serializers.CharField(), read_only=True)
    routes = RouteSerializer(
        many=True, read_only=True, help_text="where it stands now; empty while it is not in use"
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    # `representation.in_place` fills these in, for a page at once.
    def represent_sender_pools(self, carrier: Carrier) -> list[str]:
        return []

    def represent_routes(self, carrier: Carrier) -> list[dict[str, Any]]:
        return []


class CarrierQuery(ListQuery):
    """The filters of the list."""

    credential_id = Reference(required=False)
    country = CheckedText(
        validators.country,
        openapi=_COUNTRY_CODE,
        required=False,
        help_text=f"{_COUNTRY}: carriers that list it; * for those of any country",
    )
    enabled = serializers.BooleanField(required=False)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="text in the name"
    )
