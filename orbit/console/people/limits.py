"""Forms for administrators: from where an organisation's keys may be used, and what a key is good
for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.api_keys.limits import LimitsExceeded
from orbit.accounts.api_keys.serializers import expiry
from orbit.accounts.models import ApiKey, Organization
from orbit.accounts.organizations import allowed_addresses
from orbit.api.errors import ApiError
from orbit.console.forms import SerializedForm
from orbit.console.pages import get_or_404, render
from orbit.console.people.forms import AllowedAddressesForm, KeyLimitsForm
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER


def addresses(request: HttpRequest, organization_id: str) -> HttpResponse:
    """From where the organisation's API keys may be used."""
    organization = get_or_404(Organization.objects.all(), organization_id)
    require_permission(
        request,
        ADMINISTER,
        action=allowed_addresses.UPDATED,
        organization=organization,
        target=organization.pk,
    )
    form = AllowedAddressesForm(
        request.POST or None, initial={"allowed_ips": organization.allowed_ips}
    )
    if request.method == "POST" and form.is_valid():

        def effect() -> None:
            allowed_addresses.update(
                by=actor(request),
                organization=Organization.objects.select_for_update().get(pk=organization.pk),
                fields=form.values,
                kept=None,
            )

        perform(effect)
        messages.success(request, "Saved: it holds from the next request on.")
        return redirect("admin:accounts_organization_change", quote(organization.pk))
    return _form(
        request,
        form,
        organization,
        title=f"Allowed addresses: {organization.name}",
        back=reverse("admin:accounts_organization_change", args=[quote(organization.pk)]),
    )


def key_limits(request: HttpRequest, key_id: str) -> HttpResponse:
    """Until when, and from where, a key is good."""
    key = get_or_404(ApiKey.objects.select_related("organization"), key_id)
    require_permission(
        request,
        ADMINISTER,
        action=api_keys.UPDATED,
        organization=key.organization,
        target=key.pk,
    )
    form = KeyLimitsForm(request.POST or None, initial={"allowed_ips": key.allowed_ips})
    if request.method == "POST" and form.is_valid():
        try:
            perform(lambda: _change(request, key, dict(form.values)))
            messages.success(request, "Saved: it holds from the next request on.")
            return redirect("admin:accounts_apikey_change", quote(key.pk))
        except LimitsExceeded as exceeded:
            form.refuse(exceeded.field, "The key that made this one may not be used from there.")
        except ApiError as error:
            form.refuse(None, error.message)
    return _form(
        request,
        form,
        key,
        title=f"Limits: {key.name}",
        back=reverse("admin:accounts_apikey_change", args=[quote(key.pk)]),
    )


def _change(request: HttpRequest, key: ApiKey, fields: dict[str, Any]) -> None:
    locked = ApiKey.objects.select_for_update().filter(pk=key.pk, revoked_at=None).first()
    if locked is None:
        raise ApiError("INVALID_STATE", "The key is revoked.")
    if "expires_in" in fields:
        fields["expires_at"] = expiry(fields.pop("expires_in"))
    api_keys.change_limits(by=actor(request), key=locked, fields=fields)


def _form(
    request: HttpRequest, form: SerializedForm, row: ApiKey | Organization, *, title: str, back: str
) -> HttpResponse:
    context = {"form": form, "button": "Save", "back": back}
    return render(request, "console/form.html", title, row, **context)
