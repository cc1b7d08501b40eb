"""What comes in: bodies and query strings of the carrier routes, in the documented order."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messaging.carriers import validators
from messaging.credentials.references import EXPECTED
from messaging.credentials.validators import MAX_NAME
from messaging.credentials.validators import name as printable_name
from messaging.serializer_fields import CheckedText
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer

_COUNTRY = "ISO 3166-1 alpha-2 in upper case, such as FR"


class Countries(serializers.ListField):
    """Each country once, or `*` alone."""

    child = CheckedText(validators.country)

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            validators.length(data)  # before the entries are looked at, however many they are
            return validators.countries(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class CarrierSerializer(StrictSerializer):
    """The body of POST; with `partial=True` that of PATCH."""

    name = CheckedText(
        printable_name,
        max_length=MAX_NAME,
        help_text="text of 1–64 printable characters, not `none`",
    )
    credential_id = serializers.CharField(max_length=64, help_text=EXPECTED)
    countries = Countries(help_text=f'at most 250, each {_COUNTRY}; or ["*"] for any country')
    quality = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="a whole number from 0 to 100, higher is better (default 50)",
    )
    fallback_order = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        help_text="a whole number from 1 to 100, lower is tried first (default 1)",
    )
    billing_rate = CheckedText(
        validators.billing_rate,
        required=False,
        help_text="price of a segment as text, 0 or more, at most 7 digits and 5 decimals "
        '(default "0")',
    )
    currency = CheckedText(
        validators.currency, required=False, help_text="ISO 4217 in upper case (default USD)"
    )
    enabled = serializers.BooleanField(required=False, help_text="true (default) or false")


class CarrierQuery(ListQuery):
    """The filters of the list."""

    credential_id = serializers.CharField(required=False, max_length=64)
    country = CheckedText(
        validators.country,
        required=False,
        help_text=f"{_COUNTRY}: carriers that list it; * for those of any country",
    )
    enabled = serializers.BooleanField(required=False)
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="text in the name"
    )
