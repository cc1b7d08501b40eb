"""What waits for a person, among the newest `LOOKED_AT` texts: no page walks a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from orbit.console.waiting.models import SeenTo

LOOKED_AT = 10_000  # texts
ROWS = 25  # of a page
NUMBERS = 25  # unregistered numbers shown
MOST_COUNTED = 100
_SHOWN = ("sender", "receiver", "received_at", "answer_error", "organization__name", "keyword")


@dataclass(frozen=True)
class Page:
    """`older`: the id before which the next page begins, "" for none."""

    texts: Sequence[InboundMessage]
    older: str


@dataclass(frozen=True)
class NearMisses:
    """`rows`: each with its text, None if that is gone. `older`: as of `Page`."""

    rows: Sequence[tuple[NearMiss, InboundMessage | None]]
    older: str


@dataclass(frozen=True)
class Unregistered:
    """Texts to a number that the organisation has not in its numbers."""

    organization_id: str
    organization: str
    receiver: str
    count: int
    last_at: datetime


def unanswered(*, before: str = "") -> Page:
    """Texts whose automatic answer could not be sent and that are not handled yet, newest first."""
    rows = _unanswered().select_related("organization").only(*_SHOWN)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    return Page(found[:ROWS], found[ROWS - 1].pk if len(found) > ROWS else "")


def count() -> int:
    """How many wait in all, up to `MOST_COUNTED`."""
    failed = _unanswered().order_by()[:MOST_COUNTED].count()
    near = NearMiss.objects.filter(decision="").order_by()[:MOST_COUNTED].count()
    return min(failed + near, MOST_COUNTED)


def near_misses(*, before: str = "") -> NearMisses:
    """Near misses without a decision, newest first."""
    rows = NearMiss.objects.filter(decision="").select_related("organization")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    shown = found[:ROWS]
    # No page can show what is not loaded.
    texts = InboundMessage.objects.only("sender", "receiver", "received_at")
    of = texts.in_bulk([row.pk for row in shown])
    older = found[ROWS - 1].pk if len(found) > ROWS else ""
    return NearMisses([(row, of.get(row.pk)) for row in shown], older)


def unregistered() -> list[Unregistered]:
    """The `NUMBERS` unregistered numbers with the latest texts."""
    rows = (
        _newest().filter(number=None).values_list("organization", "organization__name", "receiver")
    )
    counted = rows.order_by().annotate(Count("pk"), last=Max("received_at")).order_by("-last")
    return [Unregistered(*row) for row in counted[:NUMBERS]]


def _unanswered() -> QuerySet[InboundMessage]:
    seen = SeenTo.objects.filter(pk=OuterRef("pk"))
    return _newest().exclude(answer_error="").filter(~Exists(seen))


def _newest() -> QuerySet[InboundMessage]:
    texts = InboundMessage.objects.all()
    last = texts.order_by("-pk").values("pk")[LOOKED_AT - 1 : LOOKED_AT]
    return texts.filter(pk__gte=Coalesce(Subquery(last), Value("")))
