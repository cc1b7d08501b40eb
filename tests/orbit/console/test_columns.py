"""Columns of all lists."""

from __future__ import annotations

from django.contrib import admin


def test_no_column_stands_behind_a_field_of_its_name():
    """Django shows the field, and never asks the column."""
    hidden = [
        (model.__name__, name)
        for model, page in admin.site._registry.items()
        for name in page.list_display
        if hasattr(page, name) and name in {field.name for field in model._meta.fields}
    ]
    assert hidden == []
