"""Reading messages of one organisation, without a query for each."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Coalesce

from messaging.carriers.models import Carrier
from messaging.messages import number_search
from messaging.messages.models import ID_PREFIX, Message, MessageStatus
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError, not_found
from orbit.api.filters import made_between

_ID = re.compile(r"msg_[0-9a-f]{32}")


def visible(organization: Organization) -> QuerySet[Message]:
    """The organisation's messages."""
    return Message.objects.filter(organization=organization)


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def find(*, organization: Organization, message_id: str) -> Message:
    """One message. Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    message = visible(organization).filter(pk=message_id).first() if is_id(message_id) else None
    if message is None:
        raise not_found()
    return message


def matching(
    messages: QuerySet[Message], params: dict[str, Any], *, organization: Organization
) -> QuerySet[Message]:
    """Messages that match the filters of the list (MessageQuery). Raises INVALID_PHONE_NUMBER for a
    national form that no country of the organisation's carriers explains."""
    for name in ("status", "campaign_id"):
        if name in params:
            messages = messages.filter(**{name: params[name]})
    if "to" in params:
        messages = messages.filter(to__in=numbers(params["to"], organization))
    if "carrier_id" in params:
        messages = through(messages, params["carrier_id"])
    span = {"after": params.get("created_after"), "before": params.get("created_before")}
    return messages.filter(made_between(ID_PREFIX, **span))


def through(messages: QuerySet[Message], carrier_id: str) -> QuerySet[Message]:
    """Messages with this `carrier_id` in the answer; the index is on this very expression."""
    shown = Coalesce("carrier_id", "wanted_carrier_id")
    return messages.alias(shown_carrier=shown).filter(shown_carrier=carrier_id)


def numbers(text: str, organization: Organization, *, field: str = "to") -> list[str]:
    """The numbers that a filter means. Raises INVALID_PHONE_NUMBER on `field`."""
    try:
        return number_search.matching_numbers(
            text, Carrier.objects.filter(organization=organization)
        )
    except ValueError as error:
        raise ApiError("INVALID_PHONE_NUMBER", f"{field}: {error}", field=field) from None


def in_gateways(credential_ids: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Messages in gateways without an answer, by credential: how many, and since when the first.
    Read by an index that has only these."""
    there = Message.objects.filter(
        status=MessageStatus.SENDING, claimed_at__isnull=False, credential__in=credential_ids
    )
    rows = there.order_by().values_list("credential_id")
    found = rows.annotate(Count("pk"), Min("claimed_at"))
    return {credential: (count, first) for credential, count, first in found}
