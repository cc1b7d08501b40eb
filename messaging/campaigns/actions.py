"""Actions on a campaign: start, pause, resume, cancel.

Every function takes a campaign from `selectors.lock`, and writes the transition, its audit row and
its webhook event in the caller's transaction. Raises INVALID_STATE.
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
    """Start a draft, at once or at its time, if it has recipients and each has all variables of
    the text. A text that names their variables in single braces is refused."""
    _check_status(campaign, "started", CampaignStatus.DRAFT)
    if not campaign.recipients_total:
        raise no_recipients()
    found = recipients.first_lacking(campaign, template.variable_names(campaign.body))
    if found:
        raise lacking(*found)
    meant = set(template.single_brace_names(campaign.body)) & set(campaign.common_variables or ())
    if meant:
        raise single_braces(sorted(meant))
    transitions.release(campaign)
    _record(by, campaign, STARTED)


def pause(*, by: Actor, campaign: Campaign) -> None:
    """Create and dispatch no more messages. Messages that a gateway already has still go out."""
    _check_status(campaign, "paused", CampaignStatus.SCHEDULED, CampaignStatus.SENDING)
    transitions.pause(campaign)
    _record(by, campaign, PAUSED)


def resume(*, by: Actor, campaign: Campaign) -> None:
    """Go on where the campaign was paused."""
    _check_status(campaign, "resumed", CampaignStatus.PAUSED)
    transitions.release(campaign)
    _record(by, campaign, RESUMED)


def cancel(*, by: Actor, campaign: Campaign) -> None:
    """Cancel for good: recipients without a message get none."""
    _check_status(
        campaign,
        "cancelled",
        CampaignStatus.SCHEDULED,
        CampaignStatus.SENDING,
        CampaignStatus.PAUSED,
    )
    transitions.cancel(campaign)
    _record(by, campaign, CANCELLED)


def _check_status(campaign: Campaign, what: str, *states: CampaignStatus) -> None:
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
