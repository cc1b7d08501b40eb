"""Pools as operators may look at them: read-only."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import TabularInline

from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from orbit.accounts.admin import ReadOnlyAdmin


class _ReadOnlyInline(TabularInline):
    can_delete = False
    extra = 0

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class MemberInline(_ReadOnlyInline):
    model = PoolMember
    fields = readonly_fields = ("id", "sender", "type", "weight", "countries", "enabled")


class CarrierInline(_ReadOnlyInline):
    model = PoolCarrier
    fields = readonly_fields = ("carrier",)


@admin.register(SenderPool)
class SenderPoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization", "strategy", "sticky", "geo_match", "id")
    list_filter = ("strategy", "sticky", "geo_match")
    list_select_related = ("organization",)
    search_fields = ("id", "name", "members__sender", "organization__name")
    readonly_fields = ("id",)
    inlines = (MemberInline, CarrierInline)
