"""Pages of a list by key: each begins behind the last row of the one before it, however far it is.

A page number has the database count off all rows before it; a key is looked up in the primary key's
index, and rows that come meanwhile push none from one page to the next.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

BEFORE, AFTER = "before", "after"  # parameters: the key of a row
MOST = 10_000  # rows that are counted


class BoundedPaginator(Paginator):
    """Counts up to `MOST` rows; `is_cut` says that there may be more."""

    template_name = "console/pagination.html"

    @cached_property
    def count(self) -> int:
        return self.object_list[:MOST].count()

    @property
    def is_cut(self) -> bool:
        return self.count == MOST


class KeysetChangeList(ChangeList):
    """Newest first by primary key, whatever the query string says.

    `newest`, `newer` and `older` are the query strings of other pages, "" where there is none.
    """

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        # Of no filter; links of filters lead to the first page of what they find.
        for name in (BEFORE, AFTER):
            self.filter_params.pop(name, None)
        return super().get_filters_params(params)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.result_count = self.paginator.count
        self.full_result_count, self.show_full_result_count = None, False
        self.multi_page = self.can_show_all = self.show_admin_actions = False
        before, after = self.params.get(BEFORE, ""), self.params.get(AFTER, "")
        try:
            rows, is_first, is_last = self._newer(after) if after else self._older(before)
        except ValueError:  # no key of this table
            raise IncorrectLookupParameters from None
        self.result_list = rows
        self.newest = "" if is_first else self.get_query_string()
        self.newer = self._query(AFTER, rows[0]) if rows and not is_first else ""
        self.older = self._query(BEFORE, rows[-1]) if rows and not is_last else ""

    def _older(self, before: str) -> tuple[list[Any], bool, bool]:
        """The rows behind this key ("": the newest), whether they are the first, and the last."""
        rows = self.queryset.filter(pk__lt=before) if before else self.queryset
        found, more = self._cut(rows.order_by("-pk"))
        return found, not before, not more

    def _newer(self, after: str) -> tuple[list[Any], bool, bool]:
        """The same of the rows before this key; where none are left, of the newest."""
        found, more = self._cut(self.queryset.filter(pk__gt=after).order_by("pk"))
        return (found[::-1], not more, False) if found else self._older("")

    def _cut(self, rows: QuerySet) -> tuple[list[Any], bool]:
        found = list(rows[: self.list_per_page + 1])
        return found[: self.list_per_page], len(found) > self.list_per_page

    def _query(self, name: str, row: Any) -> str:
        return self.get_query_string({name: row.pk})
