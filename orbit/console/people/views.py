"""The buttons on the pages of keys and organisations, for administrators."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.members import services as members
from orbit.accounts.models import ApiKey, Member, Organization, Role
from orbit.api.errors import ApiError
from orbit.console.pages import get_or_404
from orbit.console.people.admin import organization_page
from orbit.console.people.forms import InviteForm
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER

REVOKED = "api_key.revoked"


@require_POST
def revoke_key(request: HttpRequest, key_id: str) -> HttpResponse:
    key = get_or_404(ApiKey.objects.select_related("organization"), key_id)
    require_permission(
        request, ADMINISTER, action=REVOKED, organization=key.organization, target=key.pk
    )
    with_children = "children" in request.POST

    def effect() -> list[ApiKey]:
        locked = ApiKey.objects.select_for_update().filter(pk=key.pk, revoked_at=None).first()
        if locked is None:
            raise ApiError("INVALID_STATE", "The key is revoked already.")
        return api_keys.revoke(by=actor(request), key=locked, with_children=with_children)

    try:
        children = perform(effect)
    except ApiError as error:
        messages.error(request, error.message)
    else:
        named = ", ".join(f"{child.name} ({child.prefix}…)" for child in children)
        fate = f"; {'so are' if with_children else 'living on:'} {named}" if named else ""
        messages.success(request, f"{key.name} is revoked{fate}.")
    return redirect("admin:accounts_apikey_change", quote(key.pk))


@require_POST
def invite(request: HttpRequest, organization_id: str) -> HttpResponse:
    organization = _organization(request, organization_id, members.CREATED)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return organization_page(request, organization, form)
    email, role = form.values["email"], form.values["role"]
    return _act(
        request,
        organization,
        lambda: members.invite(
            by=actor(request), organization=organization, email=email, role=role, own_role=None
        ),
        f"{email} is a member now.",
    )


@require_POST
def change_role(request: HttpRequest, organization_id: str, member_id: int) -> HttpResponse:
    organization = _organization(request, organization_id, members.CHANGED)
    role = request.POST.get("role")
    if role not in Role.values:
        messages.error(request, "There is no such role.")
        return _back(organization)
    return _act(
        request,
        organization,
        lambda: members.change_role(
            by=actor(request), member=_locked(organization, member_id), role=role, own_role=None
        ),
        "The role has changed.",
    )


@require_POST
def remove(request: HttpRequest, organization_id: str, member_id: int) -> HttpResponse:
    organization = _organization(request, organization_id, members.REMOVED)
    return _act(
        request,
        organization,
        lambda: members.remove(
            by=actor(request), member=_locked(organization, member_id), own_role=None
        ),
        "The member is removed; their keys and sessions here have ended.",
    )


def _organization(request: HttpRequest, organization_id: str, action: str) -> Organization:
    organization = get_or_404(Organization.objects.all(), organization_id)
    require_permission(
        request, ADMINISTER, action=action, organization=organization, target=organization.pk
    )
    return organization


def _locked(organization: Organization, member_id: int) -> Member:
    member = members.lock(organization, pk=member_id)
    if member is None:
        raise Http404
    return member


def _act(
    request: HttpRequest, organization: Organization, effect: Callable[[], object], done: str
) -> HttpResponse:
    try:
        perform(effect)
    except ApiError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return _back(organization)


def _back(organization: Organization) -> HttpResponse:
    return redirect("admin:accounts_organization_change", quote(organization.pk))
