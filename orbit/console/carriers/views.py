"""The form that changes a carrier."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from messaging.carriers import services
from messaging.carriers.models import Carrier
from messaging.carriers.selectors import lock
from orbit.console.carriers.admin import find_carrier
from orbit.console.carriers.forms import CarrierForm
from orbit.console.pages import render
from orbit.console.permissions import actor, require_permission
from orbit.console.roles import OPERATE


def edit(request: HttpRequest, carrier_id: str) -> HttpResponse:
    """The form, with all fields that people write."""
    carrier = find_carrier(carrier_id)
    about = {"organization": carrier.organization, "target": carrier.pk}
    require_permission(request, OPERATE, action=services.UPDATED, **about)
    form = CarrierForm(carrier, request.POST or None)
    address = reverse("admin:messaging_carrier_change", args=[quote(carrier.pk)])
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carries_out(lambda: _update(request, carrier, form))
    ):
        messages.success(request, "Saved. A push to the gateway is queued.")
        return redirect(address)
    context = {"form": form, "button": "Save", "back": address}
    return render(request, "console/form.html", f"{carrier.name}: change", carrier, **context)


def _update(request: HttpRequest, carrier: Carrier, form: CarrierForm) -> None:
    """Raises ApiError."""
    row = lock(organization=carrier.organization, carrier_id=carrier.pk)
    form.check(row)
    services.update(by=actor(request), carrier=row, fields=form.values)
