"""Serializer fields that several nouns share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.numbers import as_read, e164, sender
from messaging.smpp import custom_tlvs
from messaging.smpp.protocol.segmentation import encode
from messaging.smpp.protocol.tlv import TYPES

_E164 = r"\+[1-9][0-9]{5,14}"
_DIALLED = re.compile(r"0[0-9]{5,17}")


class CheckedText(serializers.CharField):
    """Text that `check` validates and may convert; its ValueError becomes the field's error."""

    fault = "invalid"  # code of what `check` refuses
    openapi: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self,
        check: Callable[[str], Any],
        *,
        openapi: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """`openapi`: what the schema of requests says of it, beside its type and lengths. A
        `format` says that there is more to it than a pattern can tell."""
        super().__init__(**options)
        self.check = check
        if openapi is not None:
            self.openapi = openapi

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self.check(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code=self.fault) from None


class Reference(serializers.CharField):
    """The id of something else that the organisation has."""

    openapi: ClassVar[Mapping[str, Any]] = {"format": "reference"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 64} | options)


class PhoneNumber(CheckedText):
    """A number in E.164; faults are INVALID_PHONE_NUMBER."""

    fault = "INVALID_PHONE_NUMBER"
    openapi = {"format": "e164", "pattern": f"^{_E164}$"}

    def __init__(self, **options: Any) -> None:
        options = {"allow_blank": True, "help_text": "E.164 format e.g. +14155552671"} | options
        super().__init__(e164, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # "" is no phone number either, and has no other fault.
        return self.to_internal_value(data) if data == "" else super().run_validation(data)


class PhoneNumberParameter(PhoneNumber):
    """A phone number in a query string, where an unescaped `+` arrives as a space."""

    def to_internal_value(self, data: Any) -> str:
        seen = as_read(data)
        return super().to_internal_value(f"+{seen[1:]}" if seen.startswith(" ") else seen)


class DialledNumberParameter(PhoneNumberParameter):
    """A phone number in E.164 or in national form (0 and digits), which the view resolves."""

    openapi = {"format": "phone-number", "pattern": f"^({_E164}|{_DIALLED.pattern})$"}

    def to_internal_value(self, data: Any) -> str:
        seen = as_read(data)
        return seen if _DIALLED.fullmatch(seen) else super().to_internal_value(seen)


class Sender(CheckedText):
    """A number in E.164, a short code, or a name."""

    openapi = {"format": "sender", "pattern": f"^({_E164}|[0-9]{{3,8}}|[A-Za-z0-9 _-]{{1,11}})$"}

    def __init__(self, **options: Any) -> None:
        super().__init__(sender, **options)


class SmsText(CheckedText):
    """A text of at most ten segments; the error of a longer one says how many it has."""

    openapi = {"format": "sms-text", "maxLength": 1530}

    def __init__(self, **options: Any) -> None:
        super().__init__(_sms_text, **options)


@extend_schema_field(
    {
        "type": "array",
        "format": "tlvs",
        "maxItems": custom_tlvs.MAX_TLVS,
        "items": {
            "type": "object",
            "required": ["tag", "type", "value"],
            "additionalProperties": False,
            "properties": {
                "tag": {"type": "string", "pattern": "^0[xX][0-9A-Fa-f]{1,4}$"},
                "type": {"type": "string", "enum": list(TYPES)},
                "value": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            },
        },
        "example": [{"tag": "0x1400", "type": "cstring", "value": "1101234560000012345"}],
    }
)
class Tlvs(serializers.ListField):
    """Optional parameters of submits. A fault names its place: `tlvs[1].tag`."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "help_text",
            f"at most {custom_tlvs.MAX_TLVS} optional parameters (TLVs) for every submit: tag e.g. "
            f"0x1400, type one of {', '.join(TYPES)}, value: hexadecimal digits, text, or a number",
        )
        super().__init__(child=serializers.JSONField(), **options)

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if len(data) > custom_tlvs.MAX_TLVS:
            raise serializers.ValidationError(
                f"At most {custom_tlvs.MAX_TLVS} TLVs are taken, these are {len(data)}."
            )
        passed, faults = [], {}
        for place, each in enumerate(data):
            try:
                passed.append(custom_tlvs.checked(each))
            except custom_tlvs.BadTlv as error:
                faults[place] = {error.key: [str(error)]} if error.key else [str(error)]
        if not faults:
            faults = {
                place: {"tag": [f"{tag} is in the list already: leave one of the two out."]}
                for place, tag in custom_tlvs.repeated(passed)
            }
        if faults:
            raise serializers.ValidationError(faults)
        return passed


class SenderIsFrom:
    """Mixin of a serializer: its field `sender` is `from` in JSON (a keyword in Python)."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["sender"].source = "sender"
        return {"from" if name == "sender" else name: field for name, field in fields.items()}


def _sms_text(value: str) -> str:
    encode(value)
    return value
