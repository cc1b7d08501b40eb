"""Lists of tables with millions of rows: no page counts or scans them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from orbit.api.filters import made_between
from orbit.console.keyset import BoundedPaginator, KeysetChangeList
from orbit.console.pages import OwnedAdmin, PageAdmin
from orbit.console.roles import OPERATE


class LongList(OwnedAdmin):
    """A read-only list, newest first by primary key.

    Only `parameters` can filter it: a filter on a column that is not shown would leak its values.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a button that counts the rows of each filter
    list_per_page = 50
    sortable_by = ()
    ordering = ["-pk"]
    parameters: frozenset[str]
    in_part: dict[str, str] = {}

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """With the columns of `in_part` for operators who may see no whole number."""
        return shown_to(request.user, super().get_list_display(request), self.in_part)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in self.parameters


def shown_to(user: Any, columns: Sequence[str], in_part: Mapping[str, str]) -> list[str]:
    """The columns of a list; for operators who may see no whole number those of `in_part`, by the
    column that they stand for."""
    if user.has_perm(OPERATE):
        return [*columns]
    return [in_part.get(each, each) for each in columns]


class LongListAdmin(LongList, PageAdmin):
    """Such a list with a page of our own for each row."""


class OrganisationFilter(AutocompleteSelectFilter):
    """By an organisation that is typed; spelled as everywhere."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = "organisation"


class CreatedFilter(admin.SimpleListFilter):
    """By time of creation: a name of `SPANS`, or FROM/TO in ISO 8601. Ids sort by time, so that
    the primary key's index serves it."""

    title = "created"
    parameter_name = "created"
    prefix = ""  # of the ids
    column = "created_at"
    SPANS = {
        "hour": ("Last hour", timedelta(hours=1)),
        "day": ("Last 24 hours", timedelta(hours=24)),
        "week": ("Last 7 days", timedelta(days=7)),
    }
    ANY = "any"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.chosen = self.value() or self.usual(request)

    def usual(self, request: HttpRequest) -> str:
        """The span that is shown by default."""
        return "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((key, each[0]) for key, each in self.SPANS.items()), (self.ANY, "Any time")]

    @property
    def span(self) -> str:
        """The chosen span in words, "" for any time."""
        if self.chosen == self.ANY:
            return ""
        title = self.SPANS.get(self.chosen, ("a time of your choice",))[0]
        return title[0].lower() + title[1:]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key})
            yield {"selected": self.chosen == key, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.chosen == self.ANY:
            return queryset
        if self.chosen in self.SPANS:
            return self._made(queryset, timezone.now() - self.SPANS[self.chosen][1])
        try:
            start, end = map(datetime.fromisoformat, self.chosen.split("/"))
            if start.tzinfo is None or end.tzinfo is None:
                return queryset.none()
            # UTC, or a minute before it, may have no year for it: the year 0.
            return self._made(queryset, start.astimezone(UTC), end.astimezone(UTC))
        except (ValueError, OverflowError):
            return queryset.none()

    def _made(self, rows: QuerySet, since: datetime, before: datetime | None = None) -> QuerySet:
        return rows.filter(
            made_between(self.prefix, since=since, before=before, column=self.column)
        )


def between(start: datetime, end: datetime) -> str:
    """The query string of `CreatedFilter` for rows created from `start` until before `end`."""
    return urlencode({CreatedFilter.parameter_name: f"{start.isoformat()}/{end.isoformat()}"})
