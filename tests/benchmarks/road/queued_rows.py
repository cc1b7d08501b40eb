"""Writes many waiting messages by one statement."""

from __future__ import annotations

from django.db import connection, transaction

from messaging.messages.models import Message
from orbit.accounts.models import Organization
from tests.benchmarks.road import adapter


def fill(organization: Organization, first: str, count: int) -> None:
    """Leave `count` messages to numbers from `first` on, in the order of their ids, as so many
    POSTs would have left them. Committed when it returns, and the statistics of the table too."""
    with transaction.atomic():
        made = adapter.queued(organization, first, "Your code is 000000", wanted_sender="ACME")
        names = [field.column for field in Message._meta.concrete_fields]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(_VALUES.get(name, f'"{name}"') for name in names)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO messaging_message ({columns}) SELECT {values} "
                "FROM messaging_message, generate_series(1, %s) AS n WHERE id = %s",
                [count - 1, made.pk],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_message")


# An id sorts behind the first one's by its last nine digits; a number has room for as many.
_VALUES = {
    "id": "left(id, 27) || lpad(to_hex(n), 9, '0')",
    "to": """'+' || (substr("to", 2)::bigint + n)::text""",
}


def forget_waiting(organization: Organization) -> None:
    """Delete the organisation's messages that were never attempted."""
    waiting = Message.objects.filter(organization=organization, attempt=0, claimed_at=None)
    with transaction.atomic():
        held = waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk")
        Message.objects.filter(pk__in=held).delete()
