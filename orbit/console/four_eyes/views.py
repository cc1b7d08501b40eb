"""The page Approvals: what waits for a second administrator."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orbit.api.errors import ApiError
from orbit.console.four_eyes import services as four_eyes
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER

_SHOWN = 200


def page(request: HttpRequest) -> HttpResponse:
    _require(request, "approvals")
    context = {"approvals": four_eyes.waiting()[:_SHOWN], "required": settings.FOUR_EYES}
    return render(request, "console/approvals.html", "Approvals", **context)


@require_POST
def agree(request: HttpRequest, approval_id: int) -> HttpResponse:
    _require(request, str(approval_id))
    try:
        approval = perform(
            lambda: four_eyes.agree(by=actor(request), user=request.user, approval_id=approval_id)
        )
    except ApiError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{approval.asked_by.email} may do it now, once.")
    return redirect("console:approvals")


def _require(request: HttpRequest, target: str) -> None:
    require_permission(
        request, ADMINISTER, action=four_eyes.AGREED, organization=None, target=target
    )
