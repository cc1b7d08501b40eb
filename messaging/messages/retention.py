"""Retention: old messages are deleted, and the numbers and texts in them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from messaging.messages.models import ID_PREFIX, Message
from orbit.accounts.organizations.retention import spans
from orbit.ids import surely_after
from orbit.operations.retention import delete_in_chunks


def prune_messages() -> int:
    """Delete messages that ended longer ago than they are kept; return how many.

    Messages of campaigns are left to `messaging.campaigns.retention`, which counts them first.
    Messages that have not ended stay: `dispatch.overdue` ends them in time.
    """
    return sum(delete_in_chunks(ended.filter(campaign=None)) for ended in ended_long_ago())


def ended_long_ago() -> Iterator[QuerySet[Message]]:
    """Messages that ended longer ago than they are kept. They were created before that too, so the
    order of ids finds them and no index on the time of the end is needed."""
    for whose, oldest in spans():
        made_before = surely_after(ID_PREFIX, oldest)
        yield Message.objects.filter(whose, pk__lt=made_before, finished_at__lt=oldest)
