"""Fields that only credentials have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.credentials import validators
from messaging.serializer_fields import CheckedText
from orbit.api.serializers import StrictSerializer


class OneOf(serializers.IntegerField):
    """One of a few numbers."""

    def __init__(self, numbers: tuple[int, ...], **options: Any) -> None:
        listed = ", ".join(map(str, numbers))
        options.setdefault("help_text", f"one of: {listed}")
        super().__init__(**options)
        self.numbers = numbers
        self.openapi = {"enum": list(numbers)}

    def to_internal_value(self, data: Any) -> int:
        number = super().to_internal_value(data)
        if number not in self.numbers:
            raise serializers.ValidationError(f"Must be {self.help_text}.")
        return number


@extend_schema_field(
    {
        "type": "array",
        "format": "ton-npi",
        "items": {"type": "integer", "minimum": 0, "maximum": max(validators.NPIS)},
        "minItems": 2,
        "maxItems": 2,
        "example": [1, 1],
    }
)
class TonNpi(serializers.ListField):
    """A `[TON, NPI]` pair."""

    child = serializers.IntegerField()

    def to_internal_value(self, data: Any) -> list[int]:
        try:
            return validators.ton_npi(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class Refused(serializers.Field):
    """A field that exists, but not here: the message says where."""

    def __init__(self, message: str) -> None:
        super().__init__(required=False, write_only=True, help_text=message)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is serializers.empty:
            raise serializers.SkipField
        raise serializers.ValidationError(self.help_text)


class AddressingSerializer(StrictSerializer):
    """[TON, NPI] by type of sender; what is left out stays as it is."""

    long_code = TonNpi(required=False, help_text="[TON, NPI] of senders in E.164")
    short_code = TonNpi(required=False, help_text="[TON, NPI] of short codes")
    alphanumeric = TonNpi(required=False, help_text="[TON, NPI] of names as senders")
    destination = TonNpi(required=False, help_text="[TON, NPI] of destinations")
    plus = serializers.BooleanField(
        required=False, help_text="true if the carrier wants a + before international numbers"
    )


class Pem(CheckedText):
    """Certificates or a key in PEM; null for none."""

    openapi = {"format": "pem"}

    def __init__(self, check: Callable[[str], str], **options: Any) -> None:
        super().__init__(check, **{"required": False, "allow_null": True} | options)
