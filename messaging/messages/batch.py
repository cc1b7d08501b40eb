"""The body of POST …/sms/batch: up to 1,000 messages, each taken or refused by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.messages import services
from messaging.messages.admission import Admission, Fields, check_references
from messaging.messages.models import Message
from messaging.messages.serializers import SmsSerializer
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.field_errors import WHOLE
from orbit.api.message_limits import MOST
from orbit.api.serializers import StrictSerializer

DEFAULTS = "defaults"


class SmsDefaults(SmsSerializer):
    """Fields of messages that do not name them themselves: each as in a message, none required."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


# What a message has to name depends on the defaults, which no schema can say.
@extend_schema_field(SmsDefaults(many=True))
class Messages(serializers.Field):
    """The list as it was sent: what is wrong with a message refuses that message alone."""

    reads_itself = True
    openapi = {"minItems": 1, "maxItems": MOST}

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise serializers.ValidationError("Must be a list.")
        if not 1 <= len(data) <= MOST:
            raise serializers.ValidationError(f"Has {len(data)} messages; 1 to {MOST:,} are taken.")
        return data


@extend_schema_field(SmsDefaults())
class Defaults(serializers.Field):
    reads_itself = True

    def to_internal_value(self, data: Any) -> Any:
        return data


class SmsBatchSerializer(StrictSerializer):
    """The body of POST …/sms/batch. What is in its messages and defaults is checked by `take`."""

    # Never echoed: they hold texts, and addresses that often are secrets by themselves.
    secret_fields = ("messages", DEFAULTS)

    messages = Messages(help_text=f"1 to {MOST:,} bodies of `POST …/sms`")
    defaults = Defaults(
        required=False, help_text="an object: fields of each message that does not name them itself"
    )


def take(
    organization: Organization, messages: Sequence[Any], defaults: Any = None
) -> dict[str, Any]:
    """Take each message that can be taken; the answer's `data`.

    Raises ApiError on `defaults.…`, once for all messages, if one of these is wrong.
    """
    common = _common(organization, {} if defaults is None else defaults)
    results = services.create_many(organization=organization, bodies=_bodies(messages, common))
    represented = [_result(index, each) for index, each in enumerate(results)]
    accepted = sum(isinstance(each, Message) for each in results)
    return {
        "accepted": accepted,
        "rejected": len(results) - accepted,
        "results": represented,
    }


def count_messages(body: Any) -> int:
    """How many messages a body has; 0 for a body that will be refused."""
    messages = body.get("messages") if isinstance(body, Mapping) else None
    return len(messages) if isinstance(messages, list) and len(messages) <= MOST else 0


def _common(organization: Organization, defaults: Any) -> Fields:
    try:
        common = SmsDefaults.shared().checked(defaults)
        check_references(organization, common)
        Admission(organization, []).check_url(common)
    except ApiError as error:
        raise _of_defaults(error) from None
    return common


def _of_defaults(error: ApiError) -> ApiError:
    """The error of a default, with `defaults.to` as its field instead of `to`."""
    details = dict(error.details or {})
    errors = [each | {"field": _within(each["field"])} for each in details.get("errors", ())]
    details |= {"field": _within(details["field"]), "errors": errors}
    message = (
        f"{details['field']}: {errors[0]['message'].removeprefix(error.details['field'] + ': ')}"
    )
    return ApiError(error.code, message, details=details)


def _within(field: str) -> str:
    return DEFAULTS if field == WHOLE else f"{DEFAULTS}.{field}"


def _bodies(messages: Sequence[Any], common: Fields) -> list[Fields | ApiError]:
    """Each message with what the defaults give it, or why it is refused."""
    # What a default gives is checked already; only what a message says itself remains.
    serializer = _serializer(common)
    bodies: list[Fields | ApiError] = []
    for each in messages:
        try:
            bodies.append({**common, **serializer.checked(each)})
        except ApiError as error:
            bodies.append(error)
    return bodies


def _serializer(common: Fields) -> SmsSerializer:
    if not common:
        return SmsSerializer.shared()
    serializer = SmsSerializer()
    for field in serializer.fields.values():
        if field.source in common:
            field.required = False
    return serializer


def _result(index: int, result: Message | ApiError) -> dict[str, Any]:
    if isinstance(result, Message):
        return {"index": index, "id": result.id, "status": result.status}
    field = (result.details or {}).get("field")
    error = {"code": result.code, "message": result.message, "field": field}
    return {"index": index, "error": error}
