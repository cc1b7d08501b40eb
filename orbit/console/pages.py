"""What all pages of the console share: a ModelAdmin with our own page, look-up, rendering."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from orbit.accounts.admin import ReadOnlyAdmin
from orbit.console.keyset import BoundedPaginator
from orbit.console.links import link

Row = TypeVar("Row", bound=Model)


class OwnedAdmin(ReadOnlyAdmin):
    """A read-only list of rows that belong to organisations."""

    @display(description="organisation", ordering="organization__name")
    def organisation(self, row: Any) -> SafeString:
        """A column with the organisation, and the way to its page."""
        return link(row.organization)


class PageAdmin(OwnedAdmin):
    """A read-only list with a page of our own for each row: subclasses implement `page`.

    Lists of what people make are sorted by any column, and so paged by number.
    """

    paginator = BoundedPaginator
    show_full_result_count = False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.page(request, unquote(object_id))

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        raise NotImplementedError


class _Titled:
    """A row under the title of its page: unfold makes the breadcrumbs of it."""

    def __init__(self, row: Model, title: str) -> None:
        self.pk, self._meta, self.title = row.pk, row._meta, title

    def __str__(self) -> str:
        return self.title


def get_or_404(rows: QuerySet[Row], key: str) -> Row:
    """The row with this key. Raises Http404."""
    if "\0" in key:  # PostgreSQL refuses to look for it
        raise Http404
    return get_object_or_404(rows, pk=key)


def render(
    request: HttpRequest, template: str, title: str, row: Model | None = None, **context: Any
) -> HttpResponse:
    """A whole page. `row`: its subject, for the breadcrumbs."""
    about = {"opts": row._meta, "original": _Titled(row, title)} if row else {}
    frame = {**admin.site.each_context(request), "title": title, **about}
    return TemplateResponse(request, template, frame | context)
