"""How long messages and texts are kept: RETENTION_MESSAGES_DAYS, or the organisation's own days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.organizations.models import Organization

CHANGED = "organization.retention_changed"


def spans(organization: str = "organization") -> Iterator[tuple[Q, datetime]]:
    """For each retention span: a condition on rows, and the time before which they are deleted.

    `organization`: the path from a row to its organisation.
    """
    own: dict[int, list[str]] = defaultdict(list)
    rows = Organization.objects.exclude(messages_kept_days=None).order_by()
    for pk, days in rows.values_list("pk", "messages_kept_days"):
        own[days].append(pk)
    for days, pks in own.items():
        yield Q(**{f"{organization}__in": pks}), _before(days)
    others = Q(**{f"{organization}__in": [pk for pks in own.values() for pk in pks]})
    yield ~others if own else Q(), _before(settings.RETENTION_MESSAGES_DAYS)


def change(*, by: Actor, organization: Organization, days: int | None) -> None:
    """Set the days that the organisation's messages are kept; None: RETENTION_MESSAGES_DAYS."""
    organization.messages_kept_days = days
    organization.save(update_fields=["messages_kept_days"])
    audit.record(
        by=by,
        organization=organization,
        action=CHANGED,
        target=organization.pk,
        changes=["messages_kept_days"],
        detail=f"{days} days" if days else "as the site",
    )


def _before(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
