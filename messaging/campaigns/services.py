"""Writes of drafts: create, update, delete, add recipients.

Every function writes the change and its audit row in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Sum

from messaging import optimistic_locking
from messaging.campaigns import recipient_import, recipients
from messaging.campaigns.models import UNFINISHED, Campaign, CampaignStatus
from messaging.campaigns.recipients import AddResult
from messaging.campaigns.refusals import bad_recipients, not_a_draft
from messaging.pools import references
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import not_found

CREATED, UPDATED, DELETED = "campaign.created", "campaign.updated", "campaign.deleted"
ADDED, REMOVED = "campaign.recipients_added", "campaign.recipients_removed"
_ELSEWHERE = frozenset({"channel", "recipients"})  # not columns of the model


def create(*, by: Actor, organization: Organization, fields: dict) -> Campaign:
    """Make a draft. `fields`: as validated by CampaignSerializer.

    Raises QUOTA_EXCEEDED, VALIDATION_ERROR on the pool, and on the first bad recipient with its
    code.
    """
    unfinished = Campaign.objects.filter(organization=organization, status__in=UNFINISHED)
    quotas.require(organization, "campaigns", unfinished)
    references.lock_own(organization=organization, pool_id=fields["sender_pool_id"])
    campaign = Campaign(organization=organization, **_own(fields))
    campaign.save(force_insert=True)
    if fields.get("recipients"):
        _add_all(campaign, fields["recipients"])
    _record(by, campaign, CREATED, changes=tuple(fields))
    return campaign


def update(*, by: Actor, campaign: Campaign, fields: dict) -> None:
    """Change what differs from what is stored; `recipients` replaces the list.

    `campaign` comes from `selectors.lock`. Raises INVALID_STATE, VALIDATION_ERROR on the pool, and
    on the first bad recipient with its code. Recipients that are there already are not checked
    again: `actions.start` does that.
    """
    _check_draft(campaign)
    changed = optimistic_locking.changes_of(campaign, _own(fields))
    if "sender_pool_id" in changed:
        references.lock_own(organization=campaign.organization, pool_id=changed["sender_pool_id"])
    if changed:
        optimistic_locking.compare_and_set(campaign, changed, among=_drafts())
    if "recipients" in fields:
        recipients.clear(campaign)
        _add_all(campaign, fields["recipients"])
    _record(by, campaign, UPDATED, changes=tuple(name for name in fields if name != "channel"))


def delete(*, by: Actor, campaign: Campaign) -> None:
    """Delete a draft (from `selectors.lock`) with its recipients. Raises INVALID_STATE."""
    _check_draft(campaign)
    gone, _ = _drafts().filter(pk=campaign.pk, version=campaign.version).delete()
    if not gone:
        raise optimistic_locking.changed_meanwhile(campaign)
    _record(by, campaign, DELETED)


def add_recipients(
    *, by: Actor, campaign: Campaign, found: Iterable[recipient_import.Found]
) -> AddResult:
    """Add the valid recipients to a draft (from `selectors.lock`).

    Raises INVALID_STATE, QUOTA_EXCEEDED.
    """
    _check_draft(campaign)
    result = recipients.add(campaign, found)
    _check_stored(campaign)
    detail = f"{result.accepted} accepted, {result.rejected_total} rejected"
    _record(by, campaign, ADDED, changes=("recipients",), detail=detail)
    return result


def remove_recipient(*, by: Actor, campaign: Campaign, to: str) -> None:
    """Take one number from a draft (from `selectors.lock`). Raises INVALID_STATE, NOT_FOUND."""
    _check_draft(campaign)
    if not recipients.remove(campaign, to):
        raise not_found()
    _record(by, campaign, REMOVED, changes=("recipients",), detail="1 removed")


def remove_recipients(*, by: Actor, campaign: Campaign) -> None:
    """Take all recipients from a draft (from `selectors.lock`). Raises INVALID_STATE."""
    _check_draft(campaign)
    count = recipients.remove_all(campaign)
    _record(by, campaign, REMOVED, changes=("recipients",), detail=f"{count} removed")


def _own(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _ELSEWHERE}


def _add_all(campaign: Campaign, items: list[Any]) -> None:
    result = recipients.add(campaign, recipient_import.from_json(items))
    if result.rejected:
        raise bad_recipients(result.rejected)
    _check_stored(campaign)


def _check_stored(campaign: Campaign) -> None:
    """Raise QUOTA_EXCEEDED if the organisation's recipients take too many bytes."""
    quotas.lock(campaign.organization, "stored_bytes")
    own = Campaign.objects.filter(organization=campaign.organization)
    used = own.aggregate(size=Sum("recipients_bytes"))["size"] or 0
    quotas.check(campaign.organization, "stored_bytes", used=used)


def _drafts() -> Any:
    return Campaign.objects.filter(status=CampaignStatus.DRAFT)


def _check_draft(campaign: Campaign) -> None:
    if campaign.status != CampaignStatus.DRAFT:
        raise not_a_draft(campaign)


def _record(
    by: Actor, campaign: Campaign, action: str, *, changes: tuple[str, ...] = (), detail: str = ""
) -> None:
    audit.record(
        by=by,
        organization=campaign.organization,
        action=action,
        target=campaign.id,
        changes=changes,
        detail=detail,
    )
