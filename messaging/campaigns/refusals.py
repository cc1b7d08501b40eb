"""The API errors of campaigns: a wrong status, and bad recipients."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.campaigns.recipient_import import ROW, Rejected
from orbit.api.errors import ApiError
from orbit.api.field_errors import MAX_ERRORS, echo

EXPECTED = "objects with `to`, a number in E.164 that is there once, and `variables`, texts by name"


def wrong_state(campaign: Campaign, what: str, states: Collection[CampaignStatus]) -> ApiError:
    """INVALID_STATE: an action (`what`: “started”, “paused”) is possible only in `states`."""
    allowed = [status.value for status in CampaignStatus if status in states]
    return ApiError(
        "INVALID_STATE",
        f"Only a campaign that is {' or '.join(allowed)} can be {what}; this one is "
        f"{campaign.status}.",
        details={"status": campaign.status, "allowed": allowed},
    )


def not_a_draft(campaign: Campaign) -> ApiError:
    return wrong_state(campaign, "changed or deleted", {CampaignStatus.DRAFT})


def no_recipients() -> ApiError:
    return ApiError(
        "INVALID_STATE",
        "The campaign has no recipients: add some first.",
        details={"recipients": 0},
    )


def single_braces(names: Sequence[str]) -> ApiError:
    """Variables of the recipients stand in single braces, which would be sent as they are."""
    found = ", ".join(f"{{{name}}}" for name in names)
    return ApiError(
        "INVALID_STATE",
        f"The text has {found} in single braces, and the recipients have variables of that name: "
        "write double braces, as in {{name}}. Nothing was sent.",
        details={"field": "body", "variables": list(names)},
    )


def lacking(to: str, names: Sequence[str]) -> ApiError:
    """Some recipients lack variables: the text was changed after they were added."""
    return ApiError(
        "INVALID_STATE",
        f"The text needs variables that not every recipient has: {to} has no {', '.join(names)}. "
        "Change the text, or replace the recipients.",
        details={"to": to, "variables": list(names)},
    )


def bad_recipients(rejected: Sequence[Rejected]) -> ApiError:
    """The error for a body with these bad entries in `recipients`."""
    first = rejected[0]
    errors = [{"field": _field(each), "message": each.message} for each in rejected[:MAX_ERRORS]]
    details = {"field": _field(first), "expected": EXPECTED, "errors": errors}
    if first.value is not None:
        details["value"] = echo(first.value)
    return ApiError(first.code, f"{_field(first)}: {first.message}", details=details)


def _field(rejected: Rejected) -> str:
    place = f"recipients[{rejected.line - 1}]"
    return place if rejected.field == ROW else f"{place}.{rejected.field}"
