"""Reading an organisation's own recipients and silences; URLs stay in the database."""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.utils import timezone

from messaging.notices.models import NoticeRecipient, NoticeSilence
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_RECIPIENT, _SILENCE = re.compile(r"nrc_[0-9a-f]{32}"), re.compile(r"nsl_[0-9a-f]{32}")


def recipients(organization: Organization) -> QuerySet[NoticeRecipient]:
    rows = NoticeRecipient.objects.filter(organization=organization)
    return rows.select_related("organization").defer("url")


def silences(organization: Organization) -> QuerySet[NoticeSilence]:
    """Those that run or are planned."""
    rows = NoticeSilence.objects.filter(organization=organization, end__gt=timezone.now())
    return rows.select_related("organization")


def recipient(*, organization: Organization, recipient_id: str) -> NoticeRecipient:
    """Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    return _one(recipients(organization), _RECIPIENT, recipient_id)


def silence(*, organization: Organization, silence_id: str) -> NoticeSilence:
    """Raises NOT_FOUND in the same way."""
    return _one(silences(organization), _SILENCE, silence_id)


def _one(rows: QuerySet, pattern: re.Pattern[str], pk: str):
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    found = rows.filter(pk=pk).first() if pattern.fullmatch(pk) else None
    if found is None:
        raise not_found()
    return found
