"""Who is told, and when nobody is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from messaging.notices.channels import BadUrl, scheme_of
from messaging.notices.decisions import Kind
from orbit.accounts.models import Organization
from orbit.console import spans
from orbit.console.form_fields import choice, moment, secret, text


class _OfAnOrganization(forms.Form):
    organization = text(
        "Organisation", "Its name or id; none: operators, of everything.", strip=True
    )

    def clean_organization(self) -> Organization | None:
        said = self.cleaned_data["organization"]
        if not said:
            return None
        found = Organization.objects.filter(Q(pk=said) | Q(name__iexact=said))[:2]
        if len(found) != 1:
            how_many = "There is none" if not found else "There are several"
            raise forms.ValidationError(f"{how_many} of this name; the id is exact.")
        return found[0]


class RecipientForm(_OfAnOrganization):
    name = text("Name", required=True, strip=True, max_length=64)
    url = secret(
        "URL",
        "Apprise's: mailtos://USER:PASSWORD@HOST?to=…, slack://…, pagerduty://…, jsons://…. It is "
        "never shown again.",
        required=True,
    )

    def clean_url(self) -> str:
        try:
            scheme_of(self.cleaned_data["url"])
        except BadUrl as error:
            raise forms.ValidationError(str(error)) from None
        return self.cleaned_data["url"]


class SilenceForm(_OfAnOrganization):
    organization = text("Organisation", "Its name or id; none: all.", strip=True)
    kind = choice("Kind", [("", "all"), *((each, each) for each in Kind)], required=False)
    start = moment("From", "In the zone of your browser.", required=True)
    end = moment("Until", required=True)
    why = text("Why", max_length=200)

    def clean_start(self) -> datetime:
        return self._time("start")

    def clean_end(self) -> datetime:
        return self._time("end")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "start" in cleaned and "end" in cleaned and cleaned["end"] <= cleaned["start"]:
            self.add_error("end", "It ends after it begins.")
        return cleaned

    def _time(self, name: str) -> datetime:
        try:
            return spans.moment(self.cleaned_data[name])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
