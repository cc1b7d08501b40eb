"""Texts of phones: the list, and the page of one.

What a text says is as personal as what a message of ours says: `orbit.console.messages.admin`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from messaging.credentials.selectors import SECRETS
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.redaction import masked
from orbit.console.cells import page_link, spare, two, whole
from orbit.console.colours import BAD, DOUBTFUL, GOOD
from orbit.console.inbound import search
from orbit.console.links import link
from orbit.console.long_lists import OrganisationFilter
from orbit.console.messages.admin import MessageCreatedFilter
from orbit.console.messages.searched_list import SearchedListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.templatetags.console import number_for
from orbit.console.times import when
from orbit.console.webhooks import deliveries_about

PARTS = 100  # PDUs on a page; a text has 255 parts at most
WHOLE, IN_PART = "whole", "parts missing"
_CREDENTIAL = tuple(f"credential__{name}" for name in SECRETS)
_PERSONAL = ("body", "number__webhook_url", "number__keywords", "number__default_answer")
_OF_PDUS = ("part", "of", "received_at", "data_coding", "esm_class", "copies", "session")


class AnswerFilter(admin.SimpleListFilter):
    """By what became of the automatic answer."""

    title = "automatic answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("sent", "Sent"), ("failed", "Could not be sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        column = {"sent": "answer_id", "failed": "answer_error"}.get(self.value() or "")
        return queryset.exclude(**{column: ""}) if column else queryset


@admin.register(InboundMessage)
class InboundMessageAdmin(SearchedListAdmin):
    list_display = ["received", "from_whom", "is_whole", "to_number"]
    list_display_links = None
    in_part = {"from_whom": "from_whom_in_part"}
    list_filter = [
        MessageCreatedFilter,
        ("organization", OrganisationFilter),
        ("number", AutocompleteSelectFilter),
        ("number", admin.EmptyFieldListFilter),
        "complete",
        AnswerFilter,
    ]
    list_filter_submit = True
    search_fields = ["id", "sender"]  # how: get_search_results
    search_help_text = "The id of a text, or the number, short code or name that it came from"
    searched = "Texts from"
    wanted, meant = staticmethod(search.wanted), staticmethod(search.senders)
    parameters = frozenset({
        "created", "organization__id__exact", "number__id__exact", "number__isempty",
        "complete__exact", "answer",
    })  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        rows = super().get_queryset(request).select_related("organization", "number")
        return rows.only(
            "received_at", "created_at", "sender", "receiver", "complete", "keyword", "answer_id",
            "answer_error", "organization__name", "number__number",
        )  # fmt: skip

    @display(description="received")
    def received(self, text: InboundMessage) -> SafeString:
        return two(page_link(text, when(text.received_at)))

    @display(description="text, answer")
    def is_whole(self, text: InboundMessage) -> SafeString:
        word, tone = (WHOLE, GOOD) if text.complete else (IN_PART, DOUBTFUL)
        label = format_html('<span class="oc-label oc-{}">{}</span>', tone, word)
        return two(label, self.answer(text))

    @display(description="from, keyword")
    def from_whom(self, text: InboundMessage) -> SafeString:
        return two(whole(text.sender or "no number"), text.keyword)

    @display(description="from, keyword")
    def from_whom_in_part(self, text: InboundMessage) -> SafeString:
        return two(whole(masked(text.sender)), text.keyword)

    @display(description="to, organisation")
    def to_number(self, text: InboundMessage) -> SafeString:
        return two(self.to(text), spare(self.organisation(text)))

    @display(description="to")
    def to(self, text: InboundMessage) -> SafeString:
        if text.number is None:
            return format_html(
                '{} <span class="oc-dim">not in Numbers</span>', text.receiver or "–"
            )
        return link(text.number, text.number.number)

    @staticmethod
    def answer(text: InboundMessage) -> SafeString | str:
        """What became of the automatic answer, "" for none."""
        if text.answer_error:
            label = '<span class="oc-label oc-{}">answer could not be sent</span>'
            return format_html(label, BAD)
        return "answered" if text.answer_id else ""

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        rows = InboundMessage.objects.select_related("organization", "credential", "number")
        text = get_or_404(rows.defer(*_PERSONAL, *_CREDENTIAL), key)
        pdus = InboundPdu.objects.filter(message=text.pk).order_by("part", "id").only(*_OF_PDUS)
        title = f"Text from {number_for(text.sender, request.user)}"
        return render(
            request,
            "console/inbound_message.html",
            title,
            text,
            text=text,
            pdus=pdus[:PARTS],
            deliveries=deliveries_about(text.organization_id, text.pk, [text.created_at]),
        )
