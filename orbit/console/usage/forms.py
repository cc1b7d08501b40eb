"""What is asked of usage in the console: as the API asks it, of one organisation or of all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from messaging.usage.selectors import CARRIER, COUNTRY, DAY, HOUR, SENDER, STATUS
from messaging.usage.serializers import UsageQuery
from orbit.accounts.models import Organization
from orbit.api.envelope import timestamp
from orbit.console import spans
from orbit.console.form_fields import choice, moment, text
from orbit.console.forms import sentences

_GROUPS = {
    DAY: "day",
    HOUR: "hour",
    CARRIER: "carrier",
    COUNTRY: "country",
    SENDER: "kind of sender",
    STATUS: "status",
}


class UsageForm(forms.Form):
    """`values`: what `selectors.usage` takes."""

    organization = text("Organisation", "Its name or id; none: all.", strip=True)
    start = moment("From", "In the zone of your browser; none: 30 days before.")
    end = moment("To", "Whole hours of UTC are shown; none: now.")
    by = choice("By", _GROUPS.items())
    then = choice("and by", [("", "–"), *_GROUPS.items()], required=False)

    values: dict[str, Any]

    def clean_organization(self) -> Organization | None:
        said = self.cleaned_data["organization"]
        if not said:
            return None
        found = Organization.objects.filter(Q(pk=said) | Q(name__iexact=said))[:2]
        if len(found) != 1:
            how_many = "There is none" if not found else "There are several"
            raise forms.ValidationError(f"{how_many} of this name; the id is exact.")
        return found[0]

    def clean_start(self) -> datetime | None:
        return self._moment("start")

    def clean_end(self) -> datetime | None:
        return self._moment("end")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        groups = [cleaned.get("by", ""), cleaned.get("then", "")]
        asked = {
            "from": timestamp(cleaned.get("start")),
            "to": timestamp(cleaned.get("end")),
            "group_by": ",".join(filter(None, dict.fromkeys(groups))),
        }
        judged = UsageQuery(data={name: value for name, value in asked.items() if value})
        if judged.is_valid():
            self.values = dict(judged.validated_data)
        names = {"from": "start", "to": "end", "group_by": "then"}
        for name, faults in judged.errors.items():
            self.add_error(names.get(name), sentences(faults))
        return cleaned

    def _moment(self, name: str) -> datetime | None:
        said = self.cleaned_data[name]
        try:
            return spans.moment(said) if said else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
