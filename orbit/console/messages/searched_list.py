"""A list that is searched by whole ids and whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from orbit.console.long_lists import LongListAdmin
from orbit.console.messages import search


class SearchedListAdmin(LongListAdmin):
    """`searched`: the words before what was searched. `wanted`: the condition of a term; None for
    an empty one. `meant`: what a term that is no id can mean; raises ValueError."""

    list_before_template = "console/fragments/message_search.html"
    searched: ClassVar[str]
    wanted: ClassVar[Callable[[HttpRequest, str], Q | None]]
    meant: ClassVar[Callable[[HttpRequest, str], list[str]]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find whole ids and whole numbers: no index finds parts of them."""
        wanted = self.wanted(request, search_term)
        return (queryset if wanted is None else queryset.filter(wanted)), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Add what was searched, which `message_search.html` shows above the rows."""
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}
        if "cl" in context:
            found = search.described(request, context["cl"], self.meant)
            context["searched"] = {"what": self.searched, **found}
        return answer
