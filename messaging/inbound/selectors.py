"""Reading inbound texts of one organisation, and messages of both directions as one list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from messaging.inbound.models import ID_PREFIX, RECEIVED, InboundMessage
from messaging.inbound.serializers import ANY
from messaging.messages import selectors as outbound
from messaging.messages.models import Message
from messaging.messages.serializers import INBOUND, OUTBOUND
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError, not_found
from orbit.api.filters import made_between

_OF_TEXTS = {"sender": "from", "number_id": "number_id"}  # filters, and their names in a request
_OF_MESSAGES = ("carrier_id", "campaign_id")


def visible(organization: Organization) -> QuerySet[InboundMessage]:
    """The organisation's texts."""
    return InboundMessage.objects.filter(organization=organization)


def find(*, organization: Organization, message_id: str) -> Message | InboundMessage:
    """A message of either direction. Raises NOT_FOUND, alike for another organisation's id and one
    that never was."""
    try:
        return outbound.find(organization=organization, message_id=message_id)
    except ApiError:
        known = outbound.is_id(message_id)
        text = visible(organization).filter(pk=message_id).first() if known else None
    if text is None:
        raise not_found()
    return text


def lists(
    params: dict[str, Any], *, organization: Organization
) -> list[QuerySet[Message] | QuerySet[InboundMessage]]:
    """The lists that match the filters (AnyMessageQuery). Raises INVALID_PHONE_NUMBER,
    VALIDATION_ERROR for a filter that the direction does not have."""
    direction = params["direction"]
    for name, asked in _OF_TEXTS.items():
        if name in params and direction != INBOUND:
            raise ApiError("VALIDATION_ERROR", f"{asked}: Needs direction={INBOUND}.", field=asked)
    found: list[QuerySet[Any]] = []
    # With `any` a short code or a name finds no message, instead of being refused.
    is_number = params.get("to", "+").startswith(("+", "0"))
    if direction == OUTBOUND or (direction == ANY and is_number):
        messages = outbound.visible(organization)
        found.append(outbound.matching(messages, params, organization=organization))
    if direction in (INBOUND, ANY):
        found.append(matching(visible(organization), params, organization=organization))
    return found


def matching(
    texts: QuerySet[InboundMessage], params: dict[str, Any], *, organization: Organization
) -> QuerySet[InboundMessage]:
    """Texts that match the filters. Raises INVALID_PHONE_NUMBER."""
    is_of_messages = any(name in params for name in _OF_MESSAGES)
    if is_of_messages or params.get("status", RECEIVED) != RECEIVED:
        return texts.none()
    if "number_id" in params:
        texts = texts.filter(number=params["number_id"])
    for name, column in (("to", "receiver"), ("sender", "sender")):
        if name in params:
            texts = texts.filter(**{f"{column}__in": _spellings(params[name], name, organization)})
    span = {"after": params.get("created_after"), "before": params.get("created_before")}
    return texts.filter(made_between(ID_PREFIX, **span))


def _spellings(text: str, name: str, organization: Organization) -> list[str]:
    """The numbers that `text` can mean, and the text itself: what was not read is as it came."""
    if text.startswith(("+", "0")):
        field = _OF_TEXTS.get(name, name)
        return [*outbound.numbers(text, organization, field=field), text]
    return [text]
