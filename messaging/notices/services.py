"""Adding and removing recipients, silences. Each is in the caller's transaction, and audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from messaging.enqueue import send
from messaging.notices.channels import scheme_of
from messaging.notices.models import Notice, NoticeRecipient, NoticeSilence
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas

ADDED, REMOVED = "notice_recipient.added", "notice_recipient.removed"
ENDED = "notices.silence_ended"
TESTED, SILENCED = "notice_recipient.tested", "notices.silenced"
LONGEST_SILENCE = timedelta(days=31)


def add(
    *,
    by: Actor,
    organization: Organization | None,
    name: str,
    url: str,
    kinds: Sequence[str] = (),
    after: int = 0,
) -> NoticeRecipient:
    """`kinds`: of the incidents that it is told of, none for all; `after`: how many seconds they
    have to last before. Raises BadUrl, QUOTA_EXCEEDED."""
    scheme = scheme_of(url)
    if organization is not None:
        own = NoticeRecipient.objects.filter(organization=organization)
        quotas.require(organization, "notice_recipients", own)
    row = NoticeRecipient.objects.create(
        organization=organization,
        name=name[:64],
        url=url,
        scheme=scheme,
        kinds=list(kinds),
        after=after,
    )
    audit.record(by=by, organization=organization, action=ADDED, target=row.pk, detail=row.scheme)
    return row


def test(*, by: Actor, recipient: NoticeRecipient) -> None:
    """Have a worker send a test to this recipient, once this is committed."""
    audit.record(by=by, organization=recipient.organization, action=TESTED, target=recipient.pk)
    transaction.on_commit(lambda: send("messaging.notices.tasks.try_out", recipient.pk, expires=60))


def remove(*, by: Actor, recipient: NoticeRecipient) -> None:
    audit.record(by=by, organization=recipient.organization, action=REMOVED, target=recipient.pk)
    recipient.delete()


def why_no_silence(start: datetime, end: datetime) -> str:
    """Return what is wrong with the end of such a silence; "" if nothing is."""
    if not start < end <= start + LONGEST_SILENCE:
        return f"Has to be after start, by at most {LONGEST_SILENCE.days} days."
    return "" if end > timezone.now() else "Has to be in the future."


def silence(
    *,
    by: Actor,
    start: datetime,
    end: datetime,
    kind: str = "",
    organization: Organization | None = None,
    why: str = "",
) -> NoticeSilence:
    """Send no notices from `start` until `end`; incidents are recorded all the same.
    Raises QUOTA_EXCEEDED."""
    if organization is not None:
        own = NoticeSilence.objects.filter(organization=organization, end__gt=timezone.now())
        quotas.require(organization, "notice_silences", own)
    row = NoticeSilence.objects.create(
        organization=organization, kind=kind, start=start, end=end, why=why[:200]
    )
    audit.record(
        by=by,
        organization=organization,
        action=SILENCED,
        target=kind or "everything",
        detail=f"from {start:%Y-%m-%d %H:%M} until {end:%Y-%m-%d %H:%M} UTC",
    )
    return row


def end(*, by: Actor, row: NoticeSilence) -> None:
    """End a silence: notices are sent again."""
    audit.record(
        by=by, organization=row.organization, action=ENDED, target=row.kind or "everything"
    )
    row.delete()


def organization_of(notice: Notice) -> Organization | None:
    """Return the organisation that a silence of this incident is for: the only one that it touches;
    None for all."""
    ids = notice.organization_ids
    return Organization.objects.filter(pk__in=ids).first() if len(ids) == 1 else None
