"""Conversations by their last text of a phone, newest first.

There is no table of conversations: a text stands for its conversation if its sender sent the
organisation none later, by the index of texts by sender. A page looks at `LOOKED_AT` texts at most,
so that a phone that sends a million is no more work than one that sends ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from messaging.inbound.models import InboundMessage
from orbit.db.sealed_fields import NumberKey

ROWS = 50
LOOKED_AT = 5_000  # texts, for a page
_SHOWN = (
    "sender", "receiver", "organization__name", "number__number", "received_at", "complete",
    "keyword",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """`texts`: the last one of each conversation. `older`: the id before which the next page
    begins, "" for none."""

    texts: Sequence[InboundMessage]
    older: str


def read(
    *, organization_id: str = "", senders: Sequence[str] | None = None, before: str = ""
) -> Page:
    """`before`: the id of a text; `senders`: of these alone."""
    rows = _matching(organization_id, senders)
    looked_at = rows.filter(pk__lt=before) if before else rows
    floor = _floor(looked_at)
    if floor:
        looked_at = looked_at.filter(pk__gte=floor)
    last = looked_at.annotate(key=NumberKey("sender")).filter(~Exists(_later()))
    shown = last.select_related("organization", "number").only(*_SHOWN)
    found = list(shown.order_by("-pk")[: ROWS + 1])
    older = found[ROWS - 1].pk if len(found) > ROWS else floor
    return Page(found[:ROWS], older)


def _matching(organization_id: str, senders: Sequence[str] | None) -> QuerySet[InboundMessage]:
    wanted: dict[str, Any] = {}
    if organization_id:
        wanted["organization"] = organization_id
    if senders is not None:
        wanted["sender__in"] = senders
    return InboundMessage.objects.filter(**wanted)


def _floor(rows: QuerySet[InboundMessage]) -> str:
    """The id of the last text that is looked at; "" if all are."""
    beyond = rows.order_by("-pk").values_list("pk", flat=True)[LOOKED_AT - 1 : LOOKED_AT + 1]
    found = list(beyond)
    return found[0] if len(found) == 2 else ""


def _later() -> QuerySet[InboundMessage]:
    same = InboundMessage.objects.annotate(same=NumberKey("sender"))
    return same.filter(
        same=OuterRef("key"), organization=OuterRef("organization"), pk__gt=OuterRef("pk")
    ).order_by()
