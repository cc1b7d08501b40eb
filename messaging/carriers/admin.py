"""Carriers as operators may look at them: read-only."""

from __future__ import annotations

from django.contrib import admin

from messaging.carriers.models import Carrier
from orbit.accounts.admin import ReadOnlyAdmin


@admin.register(Carrier)
class CarrierAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "name",
        "organization",
        "credential",
        "fallback_order",
        "quality",
        "billing_rate",
        "currency",
        "enabled",
    )
    list_filter = ("enabled", "currency")
    list_select_related = ("organization", "credential")
    search_fields = ("id", "name", "credential__id", "credential__name", "organization__name")
    readonly_fields = ("id",)
