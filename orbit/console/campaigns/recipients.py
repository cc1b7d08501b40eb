"""The recipients of a campaign: list them, find one by number, remove them from a draft.

Values of variables are personal. The page shows only the names of variables without a value; to
the role Read only, numbers in part, and it finds none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from messaging.campaigns import services
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.campaigns.selectors import lock
from orbit.api.errors import ApiError
from orbit.console.campaigns.admin import find_campaign
from orbit.console.keyset import MOST
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE
from orbit.db.sealing import is_on

PER_PAGE = 100
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # of a page, or a position


@permission_required("messaging.view_campaign", raise_exception=True)
def page(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """A page of recipients. `q` is a number, or the beginning of one that is not encrypted."""
    campaign = find_campaign(campaign_id)
    may_find = request.user.has_perm(OPERATE)
    asked = request.GET.get("q", "").strip().replace("\0", "") if may_find else ""
    shown = (
        _found(campaign, asked, request.GET.get("after", ""))
        if asked
        else _page(campaign, request.GET.get("p", ""))
    )
    context = {
        "campaign": campaign,
        "asked": asked,
        "rows": [(each, _empty(each.variables)) for each in shown.rows],
        "shown": shown,
        "is_draft": campaign.status == CampaignStatus.DRAFT,
        "whole_only": is_on(),
    }
    title = f"Recipients of {campaign.name}"
    return render(request, "console/campaign_recipients.html", title, campaign, **context)


@require_POST
def remove(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """Remove the number that is posted as `to`."""
    to = request.POST.get("to", "").replace("\0", "")

    def take(**about: Any) -> None:
        services.remove_recipient(to=to, **about)

    return _change(request, campaign_id, take, f"{to} is removed.")


@require_POST
def remove_all(request: HttpRequest, campaign_id: str) -> HttpResponse:
    return _change(request, campaign_id, services.remove_recipients, "All recipients are removed.")


@dataclass(frozen=True)
class Shown:
    """A page of recipients. `count`: of all that were asked for, up to `MOST` of a search.
    `previous` and `next`: the query strings of those pages, "" where there is none."""

    rows: Sequence[Recipient]
    count: int
    previous: str = ""
    next: str = ""


def _page(campaign: Campaign, number: str) -> Shown:
    """The campaign stores how many there are, and positions have no gaps, so that no page counts
    rows or skips over those before it. A page beyond the last is the last."""
    count = campaign.recipients_total
    last = max(1, math.ceil(count / PER_PAGE))
    page = min(int(number), last) if _NUMBER.fullmatch(number) else 1
    first = (page - 1) * PER_PAGE
    rows = campaign.recipients.order_by("position").filter(
        position__gte=first, position__lt=first + PER_PAGE
    )
    return Shown(
        list(rows),
        count,
        f"p={page - 1}" if page > 1 else "",
        f"p={page + 1}" if page < last else "",
    )


def _found(campaign: Campaign, asked: str, after: str) -> Shown:
    """Those whose number is, or begins with, what was asked for; `after`: a position."""
    number = f"+{asked.removeprefix('+')}"
    rows = campaign.recipients.filter(Q(to__startswith=number) | Q(to=number)).order_by("position")
    count = rows[:MOST].count()
    query = urlencode({"q": asked})
    if _NUMBER.fullmatch(after):
        rows = rows.filter(position__gt=int(after))
    found = list(rows[: PER_PAGE + 1])
    more = len(found) > PER_PAGE
    return Shown(
        found[:PER_PAGE],
        count,
        query if after else "",
        f"{query}&after={found[PER_PAGE - 1].position}" if more else "",
    )


def _change(
    request: HttpRequest, campaign_id: str, change: Callable[..., None], said: str
) -> HttpResponse:
    campaign = find_campaign(campaign_id)
    about = {"organization": campaign.organization, "target": campaign.pk}
    require_permission(request, OPERATE, action=services.REMOVED, **about)

    def effect() -> None:
        row: Campaign = lock(organization=campaign.organization, campaign_id=campaign.pk)
        change(by=actor(request), campaign=row)

    try:
        perform(effect)
        messages.success(request, said)
    except ApiError as error:
        messages.error(request, error.message)
    return redirect(reverse("console:recipients", args=[campaign.pk]))


def _empty(variables: dict[str, str]) -> list[str]:
    return [name for name, value in variables.items() if not value.strip()]
