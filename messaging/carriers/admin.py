"""Carriers as operators may look at them: read-only."""

from __future__ import annotations

from django.contrib import admin

from messaging.carriers.models import Carrier
from messaging.money import as_text
from orbit.accounts.admin import ReadOnlyAdmin


@admin.register(Carrier)
class CarrierAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "organization",
        "credential_name",
        "serves",
        "fallback_order",
        "quality",
        "rate",
        "enabled",
    )
    list_filter = ("enabled", "currency")
    list_select_related = ("organization", "credential")
    search_fields = ("id", "name", "credential__id", "credential__name", "organization__name")
    fields = (
        "id",
        "organization",
        "credential",
        "name",
        "serves",
        "fallback_order",
        "quality",
        "rate",
        "enabled",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    @admin.display(description="credential", ordering="credential__name")
    def credential_name(self, carrier: Carrier) -> str:
        return carrier.credential.name

    @admin.display(description="countries")
    def serves(self, carrier: Carrier) -> str:
        return ", ".join(carrier.countries)

    @admin.display(description="price of a segment", ordering="billing_rate")
    def rate(self, carrier: Carrier) -> str:
        return f"{as_text(carrier.billing_rate)} {carrier.currency}"
