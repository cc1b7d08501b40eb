"""Columns of all lists."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist


def test_no_column_stands_behind_a_field_of_its_name():
    """Django shows the field, and never asks the column."""
    hidden = []
    for model, page in admin.site._registry.items():
        for name in page.list_display:
            if isinstance(name, str) and hasattr(page, name):
                try:
                    model._meta.get_field(name)
                except FieldDoesNotExist:
                    continue
                hidden.append((model.__name__, name))
    assert hidden == []
