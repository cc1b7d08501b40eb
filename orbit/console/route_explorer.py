"""The route explorer: the country of a number, its carriers in order, and the reasons."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse

from messaging.numbers import e164
from messaging.routing.representation import explained
from orbit.accounts.models import Organization
from orbit.console.form_fields import text
from orbit.console.named_organization import named_organization
from orbit.console.pages import render


class DestinationForm(forms.Form):
    organization = text("Organisation", "Its name or id.", required=True, strip=True)
    destination = text("Destination", "E.164: +33612345678", required=True, strip=True)

    def clean_organization(self) -> Organization | None:
        return named_organization(self.cleaned_data["organization"])

    def clean_destination(self) -> str:
        try:
            return e164(self.cleaned_data["destination"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


@permission_required("messaging.view_carrier", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    form = DestinationForm(request.GET or None)
    context = {"form": form}
    if request.GET and form.is_valid():
        asked = form.cleaned_data
        context["found"] = explained(asked["organization"].pk, asked["destination"])
    return render(request, "console/route_explorer.html", "Route explorer", **context)
