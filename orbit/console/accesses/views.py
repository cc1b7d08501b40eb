"""The buttons of an access's page. Each needs a permission and is audited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from messaging.access import services
from messaging.access.models import Access
from messaging.access.selectors import lock
from messaging.access.serializers import AccessSerializer
from messaging.gateway import push_on_commit
from orbit.accounts.audit import services as audit
from orbit.console.accesses.admin import find_access, live_context
from orbit.console.forms import ChangeForm
from orbit.console.pages import render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import OPERATE

PUSHED = "access.pushed"


class AccessForm(ChangeForm):
    """What an operator changes of an access; switching it has a button of its own."""

    serializer = AccessSerializer


@permission_required("messaging.view_access", raise_exception=True)
def status(request: HttpRequest, organization_id: str) -> HttpResponse:
    """The fragment that refreshes itself."""
    context = live_context(find_access(organization_id))
    return TemplateResponse(request, "console/fragments/access.html", context)


@require_POST
def push(request: HttpRequest, organization_id: str) -> HttpResponse:
    access = _find_permitted(request, organization_id, PUSHED)

    def effect() -> None:
        audit.record(
            by=actor(request),
            organization=access.organization,
            action=PUSHED,
            target=access.pk,
        )
        push_on_commit(access.pk)

    perform(effect)
    return _redirect(request, access, "A push is queued; the state below follows by itself.")


@require_POST
def switch(request: HttpRequest, organization_id: str, enabled: bool) -> HttpResponse:
    access = _find_permitted(request, organization_id, services.UPDATED)
    perform(
        lambda: services.update(
            by=actor(request), access=lock(access.organization), fields={"enabled": enabled}
        )
    )
    said = f"The access of {access.organization} is switched {'on' if enabled else 'off'}."
    return _redirect(request, access, said)


def edit(request: HttpRequest, organization_id: str) -> HttpResponse:
    access = _find_permitted(request, organization_id, services.UPDATED)
    form = AccessForm(access, request.POST or None)
    if request.method == "POST" and form.is_valid():

        def effect() -> None:
            row = lock(access.organization)
            form.check(row)
            services.update(by=actor(request), access=row, fields=form.values)

        if form.carries_out(effect):
            return _redirect(request, access, "Saved. A push to the gateway is queued.")
    return _form(request, access, "change", form=form, button="Save")


def rotate(request: HttpRequest, organization_id: str) -> HttpResponse:
    """GET: say what it would do. POST: do it."""
    access = _find_permitted(request, organization_id, services.ROTATED)
    if request.method == "POST":
        perform(lambda: services.rotate(by=actor(request), access=lock(access.organization)))
        said = "The password is replaced; the organisation can reveal the new one once."
        return _redirect(request, access, said)
    drops = f"{access.bound_sessions} bound session{'s' * (access.bound_sessions != 1)}"
    warning = (
        f"The gateway takes a new password at once and drops what is bound with the old one: "
        f"{drops} now. The organisation's platform can't bind before it has the new one."
    )
    return _form(
        request,
        access,
        "rotate the password",
        form=forms.Form(),
        button="Rotate the password",
        warning=warning,
    )


def _find_permitted(request: HttpRequest, organization_id: str, action: str) -> Access:
    access = find_access(organization_id)
    about = {"organization": access.organization, "target": access.pk}
    require_permission(request, OPERATE, action=action, **about)
    return access


def _page_of(access: Access) -> str:
    return reverse("admin:messaging_access_change", args=[quote(access.pk)])


def _redirect(request: HttpRequest, access: Access, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(_page_of(access))


def _form(request: HttpRequest, access: Access, what: str, **context: Any) -> HttpResponse:
    title = f"{access.organization}: {what}"
    context |= {"back": _page_of(access)}
    return render(request, "console/form.html", title, access, **context)
