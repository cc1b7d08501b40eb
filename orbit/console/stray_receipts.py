"""Receipts that matched no message: counts by credential, the list, and the page of one."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.credentials.models import Credential
from messaging.credentials.selectors import SECRETS
from messaging.messages.models import Message, MessageStatus
from messaging.receipts.models import StrayKind, StrayReceipt
from messaging.redaction import HIDDEN, masked_in
from orbit.console import cells
from orbit.console.cells import page_link, spare, two
from orbit.console.links import link
from orbit.console.long_lists import LongListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.templatetags.console import colour, number_for, text_for
from orbit.console.times import when

COUNTED = 20  # credentials
RECENT = 10_000  # receipts that are counted
WAITING = 5  # messages
_ID = re.compile(r"[0-9]{1,18}")
_CREDENTIAL = tuple(f"credential__{name}" for name in SECRETS)


@admin.register(StrayReceipt)
class StrayReceiptAdmin(LongListAdmin):
    list_display = ["received", "what", "of_credential", "named", "hint"]
    list_display_links = None
    list_filter = ["kind"]
    list_select_related = ["organization", "credential"]
    list_before_template = "console/fragments/stray_counts.html"
    in_part = {"named": "named_in_part", "hint": "hint_in_part"}
    parameters = frozenset({"kind__exact", "credential__id__exact"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[StrayReceipt]:
        # No page can show what is not loaded.
        rows = super().get_queryset(request).defer("raw", *_CREDENTIAL)
        return rows.exclude(kind=StrayKind.EARLY)  # early ones still wait, or are inbound texts

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Add the counts by credential, which stand above the rows."""
        return super().changelist_view(request, {**(extra_context or {}), "counts": counts()})

    @display(description="received")
    def received(self, row: StrayReceipt) -> SafeString:
        return two(page_link(row, when(row.received_at)))

    @display(description="credential")
    def from_credential(self, row: StrayReceipt) -> SafeString:
        return link(row.credential)

    @display(description="why it settled nothing")
    def what(self, row: StrayReceipt) -> SafeString:
        label = '<span class="oc-label oc-{}">{}</span>'
        return format_html(label, colour(row.kind), row.get_kind_display())

    @display(description="credential, organisation")
    def of_credential(self, row: StrayReceipt) -> SafeString:
        return two(self.from_credential(row), spare(self.organisation(row)))

    @display(description="ids, what it says")
    def named(self, row: StrayReceipt) -> SafeString:
        return two(", ".join(row.ids) or "no id", said(row))

    @display(description="ids, what it says")
    def named_in_part(self, row: StrayReceipt) -> SafeString:
        return two(", ".join(row.ids) or "no id", said(row) if row.word else HIDDEN)

    @display(description="it nearly matched")
    def hint(self, row: StrayReceipt) -> SafeString:
        return cells.said(row.near)

    @display(description="it nearly matched")
    def hint_in_part(self, row: StrayReceipt) -> SafeString:
        return cells.said(masked_in(row.near))

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        rows = StrayReceipt.objects.select_related("organization", "credential")
        row = get_or_404(rows.defer(*_CREDENTIAL), key if _ID.fullmatch(key) else "0")
        return render(
            request,
            "console/stray_receipt.html",
            f"Receipt {row.ids[0]}" if row.ids else "Receipt",
            row,
            receipt=row,
            said=said(row) if row.word else text_for(said(row), request.user),
            numbers=[number_for(each, request.user) for each in row.numbers],
            waiting=waiting(row),
        )


def said(row: StrayReceipt) -> str:
    if row.word:
        return f"{row.word} (err {row.error or 'none'})"
    return f"{row.text[:60]}…" if len(row.text) > 60 else row.text or "–"


def counts() -> list[dict[str, Any]]:
    """Counts by credential among the newest `RECENT` rows, largest first. Rows are kept for seven
    days."""
    rows = StrayReceipt.objects.exclude(kind=StrayKind.EARLY).order_by("-pk")
    found = Counter(rows.values_list("credential", flat=True)[:RECENT]).most_common(COUNTED)
    names = Credential.objects.live().in_bulk([credential_id for credential_id, _ in found])
    return [{"credential": names.get(key), "count": count} for key, count in found]


def waiting(row: StrayReceipt) -> QuerySet[Message]:
    """Messages to its numbers, sent by its credential, that have no receipt yet."""
    numbers = [f"+{each.lstrip('+')}" for each in row.numbers if each.lstrip("+").isdigit()]
    rows = Message.objects.filter(
        credential=row.credential_id, status=MessageStatus.SENT, to__in=numbers
    )
    return rows.order_by("-sent_at").only("to", "carrier_message_id", "sent_at", "status")[:WAITING]
