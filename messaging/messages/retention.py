"""Old messages are deleted, and so the numbers and texts in them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from messaging.messages.models import ID_PREFIX, Message
from orbit.accounts.organizations.retention import spans
from orbit.ids import surely_after
from orbit.operations.retention import delete_in_chunks


def prune_messages() -> int:
    """Delete messages that ended as long ago as they are kept; return how many.

    Those of campaigns are counted first: `messaging.campaigns.retention` deletes them. A message
    that has not ended stays: `dispatch.overdue` ends it in time.
    """
    return sum(delete_in_chunks(ended.filter(campaign=None)) for ended in ended_long_ago())


def ended_long_ago() -> Iterator[QuerySet[Message]]:
    """Those that ended as long ago as they are kept: what ended before then was made before then,
    so that the order of ids leads to them, and no index on the time of the end is written."""
    for whose, oldest in spans():
        made_before = surely_after(ID_PREFIX, oldest)
        yield Message.objects.filter(whose, pk__lt=made_before, finished_at__lt=oldest)
