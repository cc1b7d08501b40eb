"""Forms to add a recipient, and to plan a silence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from messaging.notices import services
from messaging.notices.channels import BadUrl, scheme_of
from messaging.notices.decisions import Kind
from orbit.accounts.models import Organization
from orbit.console import spans
from orbit.console.form_fields import choice, moment, secret, text
from orbit.console.named_organization import named_organization


class _OfAnOrganization(forms.Form):
    organization = text(
        "Organisation", "Its name or id. Left empty: operators, told of everything.", strip=True
    )

    def clean_organization(self) -> Organization | None:
        return named_organization(self.cleaned_data["organization"])


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
    organization = text("Organisation", "Its name or id. Left empty: nobody is told.", strip=True)
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
        if "start" in cleaned and "end" in cleaned:
            why = services.why_no_silence(cleaned["start"], cleaned["end"])
            if why:
                self.add_error("end", why)
        return cleaned

    def _time(self, name: str) -> datetime:
        try:
            return spans.moment(self.cleaned_data[name])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
