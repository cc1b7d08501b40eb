"""What became of binds: the list of all, and the history of one on its credential's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.credentials.models import Credential
from orbit.accounts.admin import ReadOnlyAdmin
from orbit.console.labels import BIND_COLOURS
from reconciler.models import BindChange

ROWS = 10


@admin.register(BindChange)
class BindChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "bind", "previous", "of", "organisation", "reason"]
    fields = readonly_fields = list_display
    list_filter = ["state", "before", "at"]
    ordering = ["-at", "-id"]
    list_select_related = ["credential__organization"]
    list_per_page = 50
    search_fields = ["=credential__id", "credential__name", "reason"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[BindChange]:
        """Without those of deleted credentials, which have no page any more."""
        rows = super().get_queryset(request).filter(credential__deleted_at=None)
        return rows.only("at", "state", "before", "reason", "credential__name",
                         "credential__organization__name")  # fmt: skip

    @display(description="bind", ordering="state", label=BIND_COLOURS)
    def bind(self, change: BindChange) -> str:
        return change.state

    @display(description="before", ordering="before")
    def previous(self, change: BindChange) -> str:
        return change.before or "–"

    @display(description="credential", ordering="credential__name")
    def of(self, change: BindChange) -> SafeString:
        address = reverse("admin:messaging_credential_change", args=[quote(change.credential_id)])
        return format_html('<a href="{}">{}</a>', address, change.credential.name)

    @display(description="organisation", ordering="credential__organization__name")
    def organisation(self, change: BindChange) -> str:
        return change.credential.organization.name


def latest(credential: Credential) -> dict[str, Any]:
    """The last `changes`, newest first, each with `until` (None: until now), and how many there
    are."""
    found = BindChange.objects.filter(credential=credential)
    rows = list(found[:ROWS])
    for newer, row in zip([None, *rows], rows, strict=False):
        row.until = newer.at if newer else None
    return {"changes": rows, "change_count": found.count()}
