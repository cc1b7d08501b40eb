"""Fields of bodies and query strings that several nouns take."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from messaging.numbers import e164, sender_type
from messaging.smpp.protocol.text import encode

_DIALLED = re.compile(r"0[0-9]{5,17}")


class CheckedText(serializers.CharField):
    """Text that a function passes, perhaps as something else; its ValueError is the fault."""

    fault = "invalid"  # code of what `check` refuses

    def __init__(self, check: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.check = check

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self.check(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code=self.fault) from None


class PhoneNumber(CheckedText):
    """A number in E.164; faults are INVALID_PHONE_NUMBER."""

    fault = "INVALID_PHONE_NUMBER"

    def __init__(self, **options: Any) -> None:
        options = {"allow_blank": True, "help_text": "E.164 format e.g. +14155552671"} | options
        super().__init__(e164, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # "" is no phone number either, and has no other fault.
        return self.to_internal_value(data) if data == "" else super().run_validation(data)


class PhoneNumberParameter(PhoneNumber):
    """The same in a query string, where a `+` that nobody escaped arrives as a space."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(f"+{data[1:]}" if data.startswith(" ") else data)


class DialledNumberParameter(PhoneNumberParameter):
    """The same, or digits with a 0 before them: a national form, which only the view can read."""

    def to_internal_value(self, data: Any) -> str:
        return data if _DIALLED.fullmatch(data) else super().to_internal_value(data)


class Sender(CheckedText):
    """A number in E.164, a short code, or a name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_sender, **options)


class SmsText(CheckedText):
    """A text that fits into ten segments; a longer one is refused with its count."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_sms_text, **options)


class SenderIsFrom:
    """Of a serializer: its field `sender` is `from` in JSON, which can't name an attribute."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["sender"].source = "sender"
        return {"from" if name == "sender" else name: field for name, field in fields.items()}


def _sender(value: str) -> str:
    sender_type(value)
    return value


def _sms_text(value: str) -> str:
    encode(value)
    return value
