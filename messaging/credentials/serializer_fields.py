"""Fields that only credentials have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.credentials import validators
from messaging.credentials.models import DEFAULT_PORT
from messaging.serializer_fields import CheckedText
from orbit.api.serializers import StrictSerializer

HOST = {"format": "public-host", "pattern": r"^[!-~]+$"}


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


class BackupSerializer(StrictSerializer):
    """One of `backups`."""

    host = CheckedText(
        validators.host,
        openapi=HOST,
        max_length=validators.MAX_HOST,
        help_text="a DNS name or IP address that is public, without scheme and port",
    )
    port = serializers.IntegerField(
        default=DEFAULT_PORT,
        min_value=1,
        max_value=65535,
        help_text="a whole number from 1 to 65535 (default 2775)",
    )


class Backups(serializers.ListField):
    """Further hosts of the account, in order. A fault names its place: `backups[1].host`."""

    child = BackupSerializer()
    openapi = {"format": "backups", "maxItems": validators.MAX_BACKUPS}

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "help_text",
            f"at most {validators.MAX_BACKUPS} further hosts of the same account, each {{host, "
            "port}: a bind goes to the first that takes it (default [])",
        )
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if len(data) > validators.MAX_BACKUPS:
            raise serializers.ValidationError(
                f"At most {validators.MAX_BACKUPS} backups are taken, these are {len(data)}."
            )
        # By itself: as a part of a PATCH it would miss nothing that is required.
        one = BackupSerializer()
        passed, faults = [], {}
        for place, each in enumerate(data):
            try:
                backup = dict(one.run_validation(each))
            except serializers.ValidationError as error:
                faults[place] = error.detail
                continue
            if backup in passed:
                again = "This host and port are in the list already: leave one of the two out."
                faults[place] = {"host": [again]}
            passed.append(backup)
        if faults:
            raise serializers.ValidationError(faults)
        return passed

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        # jsonb forgets the order of keys
        return [{"host": each["host"], "port": each["port"]} for each in value]


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
