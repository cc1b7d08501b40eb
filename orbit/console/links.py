"""Links to the page of a row, for operators who may see it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from orbit.console.viewer import may_see
from orbit.ids import is_id


def address(row: Model) -> str:
    """The page of a row."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])


def link_to_id(key: str) -> SafeString:
    """An id as a link to where the search finds it: a column of ids need not look up each. What is
    no id is the text alone."""
    if not is_id(key):
        return conditional_escape(key)
    query = urlencode({"q": key})
    return format_html('<a href="{}?{}">{}</a>', reverse("console:search"), query, key)


def link(row: Model | None, text: str = "", *, none: str = "–") -> SafeString:
    """The row's name, or another text, as a link to its page. The text alone where the operator may
    not see the page, or the row is marked as deleted; `none` where there is no row."""
    if row is None:
        return conditional_escape(none)
    said = text or str(getattr(row, "name", row))
    # Of lists that do not load the column: to ask for it would be a query a row.
    is_deleted = row.__dict__.get("deleted_at") is not None
    if is_deleted or not may_see(row):
        return conditional_escape(said)
    return format_html('<a href="{}">{}</a>', address(row), said)
