"""Lists of tables with millions of rows: no page counts or scans them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from orbit.api.filters import made_between
from orbit.console.keyset import BoundedPaginator, KeysetChangeList
from orbit.console.pages import OwnedAdmin, PageAdmin
from orbit.console.roles import OPERATE
from orbit.console.spans import Span, exact, for_input, typed


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

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say what is wrong with a time that was asked for."""
        answer = super().changelist_view(request, extra_context)
        found = (getattr(answer, "context_data", None) or {}).get("cl")
        for each in found.filter_specs if found else ():
            if fault := getattr(each, "fault", ""):
                messages.error(request, fault)
        return answer

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        typed_too = CreatedFilter.inputs_of(self.parameters)
        return lookup in self.parameters or lookup in typed_too


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
    """By time of creation: a name of `SPANS`, FROM/TO in ISO 8601, or what two inputs say.
    Ids sort by time, so that the primary key's index serves it."""

    title = "created"
    parameter_name = "created"
    template = "console/fragments/created_filter.html"
    FROM, TO = "typed_from", "typed_to"  # the inputs
    prefix = ""  # of the ids
    column = "created_at"
    SPANS = {
        "hour": ("Last hour", timedelta(hours=1)),
        "day": ("Last 24 hours", timedelta(hours=24)),
        "week": ("Last 7 days", timedelta(days=7)),
    }
    ANY = "any"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        start, end = (str((params.pop(name, None) or [""])[-1]) for name in (self.FROM, self.TO))
        super().__init__(request, params, model, model_admin)
        self.inputs = [(self.FROM, "From", start), (self.TO, "To", end)]
        # What the form of the filters has itself it keeps from no query string.
        self.used_parameters |= {self.FROM: start, self.TO: end}
        self.chosen, self.between = "", Span()
        if start.strip() or end.strip():
            self.between = typed(start.strip(), end.strip())
            return
        self.chosen = self.value() or self.usual(request)
        if self.chosen in self.SPANS:
            self.between = Span(start=timezone.now() - self.SPANS[self.chosen][1])
        elif self.chosen != self.ANY:
            self.between = exact(self.chosen)
            moments = (self.between.start, self.between.end)
            self.inputs = [
                (name, label, for_input(moment))
                for (name, label, _), moment in zip(self.inputs, moments, strict=True)
            ]

    @classmethod
    def inputs_of(cls, parameters: frozenset[str]) -> tuple[str, ...]:
        """The names of the inputs, of a list with this filter."""
        return (cls.FROM, cls.TO) if cls.parameter_name in parameters else ()

    def expected_parameters(self) -> list[str]:
        return [self.parameter_name, self.FROM, self.TO]

    def usual(self, request: HttpRequest) -> str:
        """The span that is shown by default."""
        return "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((key, each[0]) for key, each in self.SPANS.items()), (self.ANY, "Any time")]

    @property
    def kept(self) -> str:
        """A chosen span that the form of the filters sends along."""
        return self.chosen if self.value() in (self.ANY, *self.SPANS) else ""

    @property
    def fault(self) -> str:
        """Why what was asked for is no time, else ""."""
        return self.between.fault

    @property
    def span(self) -> str:
        """The chosen span in words, "" for any time."""
        if self.chosen in self.SPANS:
            title = self.SPANS[self.chosen][0]
            return title[0].lower() + title[1:]
        return self.between.words

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, [self.FROM, self.TO])
            yield {"selected": self.chosen == key, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.fault:
            return queryset.none()
        if self.between.start is None and self.between.end is None:
            return queryset
        return self._made(queryset, self.between.start, self.between.end)

    def _made(self, rows: QuerySet, since: datetime | None, before: datetime | None) -> QuerySet:
        return rows.filter(
            made_between(self.prefix, since=since, before=before, column=self.column)
        )


def between(start: datetime, end: datetime) -> str:
    """The query string of `CreatedFilter` for rows created from `start` until before `end`."""
    return urlencode({CreatedFilter.parameter_name: f"{start.isoformat()}/{end.isoformat()}"})
