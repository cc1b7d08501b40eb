"""The organisation that an operator types into a form, by its name or id."""

from __future__ import annotations

from django import forms
from django.db.models import Q

from orbit.accounts.models import Organization


def named_organization(said: str) -> Organization | None:
    """None for an empty text. Raises ValidationError unless it names exactly one."""
    if not said:
        return None
    found = Organization.objects.filter(Q(pk=said) | Q(name__iexact=said))[:2]
    if len(found) != 1:
        how_many = "There is none" if not found else "There are several"
        raise forms.ValidationError(f"{how_many} of this name; the id is exact.")
    return found[0]
