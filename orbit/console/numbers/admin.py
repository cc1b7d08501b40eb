"""Numbers at which texts come in: the list, and the page of one with its keywords.

A webhook's path often is a secret, and answers are the organisation's texts: the role Read only
sees hosts alone, and no answer.
"""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.credentials.selectors import SECRETS
from messaging.inbound.models import InboundMessage
from messaging.own_numbers import selectors, services
from messaging.own_numbers.models import OwnNumber
from orbit.accounts.models import AuditEvent
from orbit.console.cells import counted, page_link, roomy, spare, two
from orbit.console.links import link
from orbit.console.long_lists import LongListAdmin, OrganisationFilter
from orbit.console.numbers.forms import NumberForm
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, require_permission
from orbit.console.roles import OPERATE
from orbit.console.templatetags.console import host
from orbit.console.words import GOES_TO

AUDITED = 10  # rows of the audit
_CREDENTIAL = tuple(f"credential__{name}" for name in SECRETS)


@admin.register(OwnNumber)
class OwnNumberAdmin(LongListAdmin):
    list_display = [
        "own", "goes", "keyword_count", "of_credential",
    ]  # fmt: skip
    list_display_links = None
    list_filter = ["route", ("organization", OrganisationFilter)]
    list_filter_submit = True
    search_fields = ["id", "number", "organization__name", "organization__id"]
    search_help_text = "The number or a part of it, its id, or its organisation"
    parameters = frozenset({"route__exact", "credential__id__exact", "organization__id__exact"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[OwnNumber]:
        rows = super().get_queryset(request).select_related("organization", "credential")
        return rows.defer(*_CREDENTIAL)

    @display(description="credential")
    def by_credential(self, number: OwnNumber) -> SafeString:
        return link(number.credential)

    @display(description="number, organisation")
    def own(self, number: OwnNumber) -> SafeString:
        return two(page_link(number, number.number), spare(self.organisation(number)))

    @display(description="credential")
    def of_credential(self, number: OwnNumber) -> SafeString:
        return roomy(self.by_credential(number))

    @display(description="texts go to")
    def goes(self, number: OwnNumber) -> SafeString:
        own = f"its own: {host(number.webhook_url)}" if number.webhook_url else ""
        return two(GOES_TO[number.route], own)

    @display(description="keywords, answers")
    def keyword_count(self, number: OwnNumber) -> SafeString:
        answers = number.default_answer or any(each["answer"] for each in number.keywords)
        said = "answers by itself" if answers else ""
        return two(counted(len(number.keywords), "keyword"), said)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page. A POST saves what was changed."""
        rows = OwnNumber.objects.select_related("organization", "credential").defer(*_CREDENTIAL)
        number = get_or_404(rows, key)
        form = NumberForm(number, request.POST if request.method == "POST" else None)
        if request.method == "POST":
            require_permission(
                request,
                OPERATE,
                action=services.UPDATED,
                organization=number.organization,
                target=number.pk,
            )
            if form.is_valid() and _is_saved(request, number, form):
                messages.success(request, f"{number.number} is saved.")
                return redirect("admin:messaging_ownnumber_change", quote(number.pk))
        texts = InboundMessage.objects.filter(number=number.pk).order_by("-pk")
        events = AuditEvent.objects.filter(organization_id=number.organization_id, target=number.pk)
        context = {
            "number": number,
            "form": form,
            "last_text_at": texts.values_list("received_at", flat=True).first(),
            "events": events[:AUDITED],
        }
        return render(request, "console/number.html", number.number, number, **context)


def _is_saved(request: HttpRequest, number: OwnNumber, form: NumberForm) -> bool:
    """Save; false where that is refused, and the form says why."""

    def effect() -> None:
        locked = selectors.lock(organization=number.organization, number_id=number.pk)
        form.check(locked)
        services.update(by=actor(request), number=locked, fields=form.values)

    return form.carries_out(effect)
