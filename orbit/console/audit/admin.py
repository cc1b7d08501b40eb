"""The list of all audit events. A search finds whole values only: no index finds parts of them."""

from __future__ import annotations

from typing import Any, get_args

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from orbit.accounts.actors import ActorType
from orbit.accounts.models import AuditEvent
from orbit.api.filters import any_equal
from orbit.console.cells import page_link, spare, two, whole
from orbit.console.links import link_to_id
from orbit.console.long_lists import CreatedFilter, LongList
from orbit.console.templatetags.console import state
from orbit.console.times import when

SEARCHED = ("target", "chain", "actor_name", "actor_id", "action")


class AuditCreatedFilter(CreatedFilter):
    prefix, column = "aud", "at"

    def usual(self, request: HttpRequest) -> str:
        return self.ANY


class ActorTypeFilter(admin.SimpleListFilter):
    """By type of actor. Django's own filter would read all rows to find the values."""

    title = "actor type"
    parameter_name = "actor_type__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(each, each.replace("_", " ")) for each in get_args(ActorType)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(actor_type=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(LongList):
    list_display = [
        "when", "what", "who", "on_what",
    ]  # fmt: skip
    list_display_links = None
    exclude = ["organization_id"]  # `chain` says it
    list_filter = [AuditCreatedFilter, "outcome", ActorTypeFilter]
    list_filter_submit = True
    parameters = frozenset({
        "created", "outcome", "outcome__exact", "actor_type", "actor_type__exact",
    })  # fmt: skip
    search_fields = SEARCHED  # how: get_search_results
    search_help_text = "A whole target, chain, action, or name or id of who did it"

    @display(description="when")
    def when(self, event: AuditEvent) -> SafeString:
        return two(page_link(event, when(event.at)))

    @display(description="what, outcome")
    def what(self, event: AuditEvent) -> SafeString:
        return two(whole(event.action), "" if event.outcome == "ok" else state(event.outcome))

    @display(description="who, from where")
    def who(self, event: AuditEvent) -> SafeString:
        kind = event.actor_type.replace("_", " ")
        about = [kind if event.actor_name not in ("", kind) else "", event.address]
        return two(event.actor_name or kind, ", ".join(filter(None, about)))

    @display(description="on what, chain")
    def on_what(self, event: AuditEvent) -> SafeString:
        return two(link_to_id(event.target), spare(f"row {event.seq:,} of the chain {event.chain}"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if term := search_term.strip():
            queryset = queryset.filter(any_equal(AuditEvent.objects.all(), SEARCHED, term))
        return queryset, False
