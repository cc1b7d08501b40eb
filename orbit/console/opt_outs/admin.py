"""Opt-outs: the list, and the page of one entry, which takes it off.

Reasons are what people wrote: like numbers they are shown in part to the role Read only.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.opt_outs import scopes, services
from messaging.opt_outs.models import ID_PREFIX, OptOut, Source
from messaging.pools.models import SenderPool
from messaging.redaction import masked, masked_in
from orbit.accounts.models import AuditEvent, Organization
from orbit.console.cells import page_link, said, two, whole
from orbit.console.long_lists import CreatedFilter, LongListAdmin, OrganisationFilter
from orbit.console.messages import search
from orbit.console.opt_outs.forms import RemovalForm
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, require_permission
from orbit.console.roles import OPERATE
from orbit.console.templatetags.console import number_for
from orbit.console.times import when

_ID = re.compile(rf"{ID_PREFIX}_[0-9a-f]{{32}}")
AUDITED = 10  # rows of the audit


class OptOutCreatedFilter(CreatedFilter):
    prefix = ID_PREFIX

    def usual(self, request: HttpRequest) -> str:
        return self.ANY  # an entry is as good after years


@admin.register(OptOut)
class OptOutAdmin(LongListAdmin):
    list_display = ["whose", "since", "nothing_from", "why"]
    list_display_links = None
    in_part = {"whose": "whose_in_part", "why": "why_in_part"}
    list_filter = [
        OptOutCreatedFilter,
        ("organization", OrganisationFilter),
        "source",
    ]
    list_filter_submit = True
    list_select_related = ["organization"]
    search_fields = ["id", "number"]  # how: get_search_results
    search_help_text = "The id of an entry, or a whole number"
    list_before_template = "console/fragments/opt_out_search.html"
    parameters = frozenset({"created", "organization__id__exact", "source__exact"})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find whole ids and whole numbers: no index finds parts of them."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if _ID.fullmatch(term):
            return queryset.filter(pk=term), False
        try:
            return queryset.filter(number__in=search.numbers(request, term)), False
        except ValueError:
            return queryset.none(), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Add the organisation by which the list is filtered, and why nothing was found."""
        key = request.GET.get("organization__id__exact", "")
        known = key and "\0" not in key
        context = {
            "list_of": Organization.objects.filter(pk=key).first() if known else None,
            "search_fault": _fault(request),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @display(description="since")
    def since(self, row: OptOut) -> SafeString:
        return two(when(row.created_at))

    @display(description="number")
    def whose(self, row: OptOut) -> SafeString:
        return two(page_link(row, whole(row.number)))

    @display(description="number")
    def whose_in_part(self, row: OptOut) -> SafeString:
        return two(page_link(row, whole(masked(row.number))))

    @display(description="wants nothing from")
    def nothing_from(self, row: OptOut) -> SafeString:
        return two(self.organisation(row), self.wants_nothing_from(row))

    @display(description="wants nothing from")
    def wants_nothing_from(self, row: OptOut) -> SafeString | str:
        if row.scope == scopes.ORGANIZATION:
            return "all of it"
        if not scopes.is_pool(row.scope):
            return row.scope
        address = reverse("admin:messaging_senderpool_change", args=[quote(row.scope)])
        return format_html('<a href="{}">a sender pool</a>', address)

    @display(description="source, reason")
    def why(self, row: OptOut) -> SafeString:
        return two(row.get_source_display(), said(row.reason, none=""))

    @display(description="source, reason")
    def why_in_part(self, row: OptOut) -> SafeString:
        return two(row.get_source_display(), said(masked_in(row.reason), none=""))

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page. A POST takes the entry off."""
        row = get_or_404(OptOut.objects.select_related("organization"), key)
        form = RemovalForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            require_permission(
                request,
                OPERATE,
                action=services.REMOVED,
                organization=row.organization,
                target=row.pk,
            )
            if form.is_valid() and _is_removed(request, row, form):
                return redirect("console:opt_outs_of", row.organization_id)
        context = {
            "opt_out": row,
            "pool": SenderPool.objects.filter(pk=row.scope).first()
            if scopes.is_pool(row.scope)
            else None,
            "form": form,
            "events": AuditEvent.objects.filter(organization_id=row.organization_id, target=row.pk)[
                :AUDITED
            ],
        }
        title = f"Opt-out of {number_for(row.number, request.user)}"
        return render(request, "console/opt_out.html", title, row, **context)


def _is_removed(request: HttpRequest, row: OptOut, form: RemovalForm) -> bool:
    reason = form.values["reason"]
    by = actor(request)
    is_removed = form.carries_out(
        lambda: services.remove(by=by, row=row, reason=reason, source=Source.CONSOLE)
    )
    if is_removed:
        messages.success(request, f"{row.number} is off the list, and gets messages again.")
    return is_removed


def _fault(request: HttpRequest) -> str:
    term = request.GET.get("q", "").strip()
    if not term or _ID.fullmatch(term):
        return ""
    try:
        search.numbers(request, term)
    except ValueError as error:
        return str(error)
    return ""
