"""Messages: the list, and the page of one, which refreshes itself until the message has ended.

Text and metadata of a message are personal and often hold a one-time password. No page shows them
unasked: operators who may reveal passwords read them one message at a time, and each reading is
audited. The role Read only sees numbers in part, and finds none.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from messaging.credentials.selectors import SECRETS
from messaging.messages.models import ID_PREFIX, Message
from messaging.messages.selectors import through
from messaging.money import as_text
from messaging.redaction import masked
from orbit.console.cells import counted, page_link, roomy, two, whole
from orbit.console.links import link
from orbit.console.long_lists import CreatedFilter, OrganisationFilter
from orbit.console.messages import search
from orbit.console.messages.searched_list import SearchedListAdmin
from orbit.console.pages import get_or_404, render
from orbit.console.templatetags.console import number_for, state
from orbit.console.times import when
from orbit.console.webhooks import deliveries_of_message

PERSONAL = ("body", "metadata")


class MessageCreatedFilter(CreatedFilter):
    prefix = ID_PREFIX

    def usual(self, request: HttpRequest) -> str:
        """Any time where another index limits the rows: a search by id, or one campaign."""
        is_found = "campaign__id__exact" in request.GET or search.names_an_id(request)
        return self.ANY if is_found else super().usual(request)


class CarrierFilter(AutocompleteSelectFilter):
    """By carrier, through the index that exists: on the carrier that the API shows."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        carrier_id = self.used_parameters.get(self.lookup_kwarg)
        if isinstance(carrier_id, list):
            carrier_id = carrier_id[0]
        rows = super().queryset(request, queryset)
        return through(rows, carrier_id) if carrier_id else rows


@admin.register(Message)
class MessageAdmin(SearchedListAdmin):
    list_display = [
        "created", "outcome", "to_whom", "through_carrier", "of_organisation",
    ]  # fmt: skip
    list_display_links = None
    in_part = {"to_whom": "to_whom_in_part"}
    list_filter = [
        MessageCreatedFilter,
        "status",
        ("organization", OrganisationFilter),
        ("carrier", CarrierFilter),
        ("campaign", AutocompleteSelectFilter),
        ("carrier", admin.EmptyFieldListFilter),
    ]
    list_filter_submit = True
    search_fields = ["id", "to"]  # how: get_search_results
    search_help_text = "The id of a message or of a campaign, or the number that it went to"
    searched = "Messages to"
    wanted, meant = staticmethod(search.wanted), staticmethod(search.numbers)
    parameters = frozenset({
        "created", "status__exact", "organization__id__exact", "carrier__id__exact",
        "carrier__isempty", "campaign__id__exact",
    })  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows = super().get_queryset(request).select_related("organization", "carrier", "campaign")
        return rows.only(
            "created_at", "status", "to", "sender", "wanted_sender", "carrier__name",
            "organization__name", "campaign__name", "segments", "price_amount", "price_currency",
            "sent_at", "error_code",
        )  # fmt: skip

    @display(description="created")
    def created(self, message: Message) -> SafeString:
        return two(page_link(message, when(message.created_at)))

    @display(description="status, error code")
    def outcome(self, message: Message) -> SafeString:
        return two(state(message.status), message.error_code)

    @display(description="to, from")
    def to_whom(self, message: Message) -> SafeString:
        return _to_whom(message, message.to)

    @display(description="to, from")
    def to_whom_in_part(self, message: Message) -> SafeString:
        return _to_whom(message, masked(message.to))

    @display(description="carrier, price")
    def through_carrier(self, message: Message) -> SafeString:
        cost = ", ".join(filter(None, [counted(message.segments, "segment"), price_of(message)]))
        return roomy(self.carrier_name(message), cost)

    @display(description="organisation, campaign")
    def of_organisation(self, message: Message) -> SafeString:
        campaign = self.campaign_name(message) if message.campaign_id else ""
        return roomy(self.organisation(message), campaign)

    @display(description="carrier")
    def carrier_name(self, message: Message) -> SafeString:
        return link(message.carrier, none=message.carrier_id or "–")

    @display(description="campaign")
    def campaign_name(self, message: Message) -> SafeString:
        return link(message.campaign)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        facts = live_context(key)
        message = facts["message"]
        title = f"Message to {number_for(message.to, request.user)}"
        return render(request, "console/message.html", title, message, **facts)


def live_context(message_id: str) -> dict[str, Any]:
    """Context of the page: all about one message but its personal fields. Raises Http404."""
    rows = Message.objects.select_related(
        "organization", "campaign", "carrier", "wanted_carrier", "sender_pool", "wanted_pool",
        "credential",
    )  # fmt: skip
    message = get_or_404(
        rows.defer(*PERSONAL, *(f"credential__{each}" for each in SECRETS)), message_id
    )
    return {
        "message": message,
        "price": price_of(message),
        "deliveries": deliveries_of_message(message),
    }


def _to_whom(message: Message, number: str) -> SafeString:
    sender = message.sender or message.wanted_sender
    return two(whole(number), f"from {sender}" if sender else "")


def price_of(message: Message) -> str:
    """Its price with the currency; "" until a carrier has it."""
    if message.sent_at is None or message.price_amount is None:
        return ""
    return f"{as_text(message.price_amount)} {message.price_currency}"
