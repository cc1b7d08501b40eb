"""Fields of forms in unfold's look, made from the fields of the API's serializers."""

from __future__ import annotations

from typing import Any

from django import forms
from rest_framework import serializers
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from messaging.credentials.serializer_fields import Backups, Pem
from messaging.serializer_fields import Tlvs
from orbit.api.serializers import StrictSerializer
from orbit.console import spans
from orbit.console.credentials import fields as wire_fields


def text(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    options = {"required": False, "strip": False, "widget": UnfoldAdminTextInputWidget} | options
    return forms.CharField(label=label, help_text=help_text, **options)


class _MomentInput(UnfoldAdminTextInputWidget):
    input_type = "datetime-local"

    def format_value(self, value: Any) -> str:
        """What the input of a browser shows: it takes no date alone, and no zone."""
        try:
            return spans.for_input(spans.moment(str(value))) if value else ""
        except ValueError:
            return str(value)


def moment(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    """A time in the zone of the viewer; `orbit.console.spans` reads it."""
    return text(label, help_text, strip=True, widget=_MomentInput, **options)


def secret(label: str, help_text: str = "", **options: Any) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"})
    return text(label, help_text, widget=widget, **options)


def number(label: str, help_text: str = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=required, widget=UnfoldAdminIntegerFieldWidget
    )


def switch(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(
        label=label, help_text=help_text, required=False, widget=UnfoldBooleanWidget
    )


def choice(label: str, choices: Any, help_text: str = "", **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, help_text=help_text, widget=UnfoldAdminSelectWidget, **options
    )


def form_fields(serializer: StrictSerializer) -> dict[str, forms.Field]:
    """Those of its fields that are declared with `on_form`, in their order."""
    return {
        name: _form_field(field, partial=serializer.partial, **field.style["form"])
        for name, field in serializer.writable.items()
        if "form" in field.style
    }


def _form_field(
    field: serializers.Field,
    *,
    partial: bool,
    label: str,
    help_text: str,
    choices: Any = None,
    rows: int = 0,
    **options: Any,
) -> forms.Field:
    if isinstance(field, Pem):
        return wire_fields.Pem(label, help_text, is_secret=field.write_only)
    if isinstance(field, Tlvs):
        return wire_fields.TlvLines(label, help_text)
    if isinstance(field, Backups):
        return wire_fields.BackupLines(label, help_text)
    if isinstance(field, serializers.BooleanField):
        return switch(label, help_text)
    may_be_empty = field.allow_null or getattr(field, "allow_blank", False)
    required = options.pop("required", not may_be_empty if partial else field.required)
    if isinstance(field, serializers.IntegerField):
        return number(label, help_text, required=required)
    if isinstance(field, serializers.ListField):
        return wire_fields.Words(label, help_text, required=required)
    if choices is not None or isinstance(field, serializers.ChoiceField):
        shown = field.choices.items() if choices is None else choices
        return choice(label, list(shown), help_text, required=required)
    if field.write_only and partial:
        return secret(label, help_text)
    if field.allow_null:
        options["empty_value"] = None
    if rows:
        options["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return text(label, help_text, required=required, **options)
