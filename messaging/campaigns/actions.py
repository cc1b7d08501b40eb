"""What people do with a campaign that is written: start, pause, resume, cancel.

Every function takes one from `selectors.lock`, runs in the caller's transaction and leaves in it,
together: the move, its audit row and its webhook event. Raises INVALID_STATE.
"""

from __future__ import annotations

from collections.abc import Callable

from messaging.campaigns import recipients, template, transitions
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.campaigns.refusals import lacking, no_recipients, single_braces, wrong_state
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit

Action = Callable[..., None]

STARTED, PAUSED = "campaign.started", "campaign.paused"
RESUMED, CANCELLED = "campaign.resumed", "campaign.cancelled"


def start(*, by: Actor, campaign: Campaign) -> None:
    """Let a draft go, at once or at its time, if there is somebody to send to and every recipient
    has what the text needs. A text that names their variables in single braces is refused."""
    _check(campaign, "started", CampaignStatus.DRAFT)
    if not campaign.recipients_total:
        raise no_recipients()
    found = recipients.first_lacking(campaign, template.names(campaign.body))
    if found:
        raise lacking(*found)
    meant = set(template.single(campaign.body)) & set(campaign.common_variables or ())
    if meant:
        raise single_braces(sorted(meant))
    transitions.release(campaign)
    _record(by, campaign, STARTED)


def pause(*, by: Actor, campaign: Campaign) -> None:
    """Hold it: nothing more is made or handed over. What a gateway has by then still leaves."""
    _check(campaign, "paused", CampaignStatus.SCHEDULED, CampaignStatus.SENDING)
    transitions.pause(campaign)
    _record(by, campaign, PAUSED)


def resume(*, by: Actor, campaign: Campaign) -> None:
    """Let it go on where it was held."""
    _check(campaign, "resumed", CampaignStatus.PAUSED)
    transitions.release(campaign)
    _record(by, campaign, RESUMED)


def cancel(*, by: Actor, campaign: Campaign) -> None:
    """End it for good: those who have no message get none."""
    _check(
        campaign,
        "cancelled",
        CampaignStatus.SCHEDULED,
        CampaignStatus.SENDING,
        CampaignStatus.PAUSED,
    )
    transitions.cancel(campaign)
    _record(by, campaign, CANCELLED)


def _check(campaign: Campaign, what: str, *states: CampaignStatus) -> None:
    if campaign.status not in states:
        raise wrong_state(campaign, what, states)


def _record(by: Actor, campaign: Campaign, action: str) -> None:
    audit.record(
        by=by,
        organization=campaign.organization,
        action=action,
        target=campaign.id,
        detail=f"{campaign.status}, {campaign.fed} of {campaign.recipients_total} made",
    )
