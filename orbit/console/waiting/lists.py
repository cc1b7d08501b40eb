"""What waits for a person, among the newest `LOOKED_AT` texts: no page walks a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from messaging.inbound.models import InboundMessage
from orbit.console.waiting.models import SeenTo

LOOKED_AT = 10_000  # texts
ROWS = 25  # of a page
NUMBERS = 25  # that nobody registered
MOST_COUNTED = 100
UNANSWERED = ~Q(answer_error="")
_SHOWN = ("sender", "receiver", "received_at", "answer_error", "organization__name", "keyword")


@dataclass(frozen=True)
class Page:
    """`older`: the id before which the next page begins, "" for none."""

    texts: Sequence[InboundMessage]
    older: str


@dataclass(frozen=True)
class Unregistered:
    """Texts to a number that the organisation has not in its numbers."""

    organization_id: str
    organization: str
    receiver: str
    count: int
    last_at: datetime


def page(which: Q, *, before: str = "") -> Page:
    """The texts of one list, newest first."""
    rows = _waiting(which).select_related("organization").only(*_SHOWN)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    return Page(found[:ROWS], found[ROWS - 1].pk if len(found) > ROWS else "")


def count(which: Q) -> int:
    """How many wait, up to `MOST_COUNTED`."""
    return _waiting(which).order_by()[:MOST_COUNTED].count()


def unregistered() -> list[Unregistered]:
    """The `NUMBERS` to which somebody wrote last."""
    rows = (
        _newest().filter(number=None).values_list("organization", "organization__name", "receiver")
    )
    counted = rows.order_by().annotate(Count("pk"), last=Max("received_at")).order_by("-last")
    return [Unregistered(*row) for row in counted[:NUMBERS]]


def _waiting(which: Q) -> QuerySet[InboundMessage]:
    seen = SeenTo.objects.filter(pk=OuterRef("pk"))
    return _newest().filter(which).filter(~Exists(seen))


def _newest() -> QuerySet[InboundMessage]:
    texts = InboundMessage.objects.all()
    last = texts.order_by("-pk").values("pk")[LOOKED_AT - 1 : LOOKED_AT]
    return texts.filter(pk__gte=Coalesce(Subquery(last), Value("")))
