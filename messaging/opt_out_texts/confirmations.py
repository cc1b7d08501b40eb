"""Confirm STOP, START and HELP: each at most once a day from one number to one phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from messaging.inbound import answers
from messaging.inbound.answers import Answer
from messaging.inbound.arrival import Arrival
from messaging.opt_outs.models import Confirmation, Kind

EVERY = timedelta(days=1)

Once = tuple[str, str, str]
"""Organisation, phone, and the number that the text came to."""


def send(kind: Kind, wanted: Sequence[tuple[Arrival, str]]) -> None:
    """Answer these texts. Texts to unregistered numbers get no answer: that number may not be able
    to send."""
    known = [(arrival, text) for arrival, text in wanted if arrival.number is not None]
    if not known:
        return
    said = _said(kind, [arrival for arrival, _ in known])
    due = []
    for arrival, text in known:
        if (once := _once(arrival)) not in said:
            said.add(once)
            due.append(Answer(arrival, text))
    answers.send(due, confirming=kind)


def _said(kind: Kind, arrivals: Sequence[Arrival]) -> set[Once]:
    """Who got this confirmation within the last day."""
    rows = Confirmation.objects.filter(
        organization__in={each.message.organization_id for each in arrivals},
        number__in={each.message.sender for each in arrivals},
        kind=kind,
        created_at__gte=timezone.now() - EVERY,
    )
    return set(rows.order_by().values_list("organization_id", "number", "sender"))


def _once(arrival: Arrival) -> Once:
    message, number = arrival.message, arrival.number
    return message.organization_id, message.sender, number.number if number else ""
