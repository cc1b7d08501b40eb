"""The field of the console's forms that takes an organisation by its name or id."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from unfold.widgets import UnfoldAdminTextInputWidget

from orbit.accounts.models import Organization


class OrganizationField(forms.CharField):
    """Cleans to the organisation; to None if it is left empty and not required."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, help_text: str, *, required: bool = False) -> None:
        super().__init__(label="Organisation", help_text=help_text, required=required)

    def clean(self, value: Any) -> Organization | None:
        said = super().clean(value)
        if not said:
            return None
        found = Organization.objects.filter(Q(pk=said) | Q(name__iexact=said))[:2]
        if len(found) != 1:
            how_many = "There is none" if not found else "There are several"
            raise forms.ValidationError(f"{how_many} of this name; the id is exact.")
        return found[0]
