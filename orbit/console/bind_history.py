"""Bind changes: the list of all, and the history of one credential for its page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.credentials.models import Credential
from orbit.api.totals import total
from orbit.console.cells import page_link, said, spare, two
from orbit.console.links import link
from orbit.console.long_lists import CreatedFilter, LongList
from orbit.console.templatetags.console import state
from orbit.console.times import when
from reconciler.models import BindChange

ROWS = 10
RECENT = 10_000  # changes; their reasons are searched
MOST_NAMED = 100  # credentials that a search may name
APART = timedelta(minutes=1)  # at most between the order of ids and that of times


class ChangedFilter(CreatedFilter):
    """Ids are numbers here, given in the order of time: the index of times says which."""

    title, column = "time", "at"

    def usual(self, request: HttpRequest) -> str:
        return self.ANY

    def _made(
        self, rows: QuerySet[BindChange], since: datetime | None, before: datetime | None
    ) -> QuerySet[BindChange]:
        changes = BindChange.objects.order_by("at", "pk").values_list("pk", flat=True)
        if since is not None:
            first = changes.filter(at__gte=since - APART).first()
            if first is None:
                return rows.none()
            rows = rows.filter(pk__gte=first, at__gte=since)
        if before is None:
            return rows
        last = changes.filter(at__lt=before + APART).last()
        return rows.filter(pk__lte=last or 0, at__lt=before)


@admin.register(BindChange)
class BindChangeAdmin(LongList):
    list_display = ["changed", "bind", "of_credential", "why"]
    list_display_links = None
    fields = readonly_fields = ["at", "bind", "previous", "of", "organisation", "reason"]
    list_filter = [ChangedFilter, "state"]
    list_filter_submit = True
    parameters = frozenset({"created", "state__exact", "credential__exact"})
    list_select_related = ["credential__organization"]
    search_fields = ["credential__name", "reason"]  # how: get_search_results
    search_help_text = (
        "The id or a part of the name of a credential; else a part of the reason, of the "
        f"{RECENT:,} newest changes"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[BindChange]:
        """Leave out changes of deleted credentials, which have no page any more."""
        rows = super().get_queryset(request).filter(credential__deleted_at=None)
        return rows.only("at", "state", "before", "reason", "credential__name",
                         "credential__organization__name")  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By credential; if it names none, by reason, which has no index, among recent changes.
        Not by both at once: that would walk all changes of others."""
        term = search_term.strip()
        if not term:
            return queryset, False
        named = Credential.objects.live().filter(Q(name__icontains=term) | Q(pk=term))
        if ids := list(named.values_list("pk", flat=True)[:MOST_NAMED]):
            return queryset.filter(credential__in=ids), False
        recent = BindChange.objects.order_by("-pk").values_list("pk", flat=True)
        oldest = recent[RECENT : RECENT + 1].first() or 0
        return queryset.filter(reason__icontains=term, pk__gt=oldest), False

    @display(description="changed")
    def changed(self, change: BindChange) -> SafeString:
        return two(page_link(change, when(change.at)))

    @display(description="bind, before")
    def bind(self, change: BindChange) -> SafeString:
        return two(state(change.state), f"was {change.before}" if change.before else "new")

    @display(description="credential, organisation")
    def of_credential(self, change: BindChange) -> SafeString:
        return two(self.of(change), spare(self.organisation(change)))

    @display(description="why")
    def why(self, change: BindChange) -> SafeString:
        return said(change.reason)

    @display(description="before")
    def previous(self, change: BindChange) -> str:
        return change.before or "–"

    @display(description="credential")
    def of(self, change: BindChange) -> SafeString:
        return link(change.credential)

    @display(description="organisation")
    def organisation(self, change: BindChange) -> SafeString:
        return link(change.credential.organization)


def recent_changes(credential: Credential) -> dict[str, Any]:
    """`changes`: the last ones, newest first, each with `until` (None: until now).
    `change_count`: the number of all."""
    found = BindChange.objects.filter(credential=credential)
    rows = list(found[:ROWS])
    for newer, row in zip([None, *rows], rows, strict=False):
        row.until = newer.at if newer else None
    return {"changes": rows, "change_count": total(found).count}
