"""The forms of opt-outs: one number, a file of them, and why one is taken off."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminFileFieldWidget

from messaging.opt_outs.importing import MAX_ROWS
from messaging.opt_outs.serializers import OptOutSerializer, RemovalQuery
from orbit.console.form_fields import text
from orbit.console.forms import SerializedForm


class OptOutForm(SerializedForm):
    """One number."""

    serializer = OptOutSerializer

    _separators = re.compile(r"[\s().\-/]")

    number = text("Number", "In E.164, such as +33612345678.", required=True)
    scope = text(
        "Wants nothing from",
        "Empty: from anybody of the organisation. Else the id of a sender pool, or a sender.",
    )
    reason = text("Reason", "At most 200 characters; everybody who sees the list sees it.")

    def body(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """With the number as it is without what people write between its digits."""
        number = self._separators.sub("", cleaned["number"])
        return super().body({**cleaned, "number": number})


class RemovalForm(SerializedForm):
    """Why a number is taken off the list."""

    serializer = RemovalQuery

    reason = text("Reason", "It stands in the audit: no number and no name here.", required=True)


class ImportForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text=f"number[,scope][,reason], at most {MAX_ROWS:,} rows; an export is taken as it "
        "is.",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.RECIPIENTS_MAX_BYTES:
            most = settings.RECIPIENTS_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(f"A file may have {most} MiB at most.")
        return file
