"""Credentials as operators may look at them: read-only, without passwords."""

from __future__ import annotations

from django.contrib import admin

from messaging.credentials.models import Credential
from messaging.credentials.representation import WRITTEN


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):
    list_display = ("id", "name", "organization", "host", "port", "system_id", "status", "enabled")
    list_filter = ("enabled", "status__sync_state", "status__bind_state")
    list_select_related = ("organization", "status")
    search_fields = ("id", "name", "host", "system_id", "gateway_key")
    fields = (
        "id",
        "organization",
        "gateway_key",
        *WRITTEN,
        "password_set_at",
        "password_revealed_at",
        "staged_at",
        "status",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    readonly_fields = fields

    def get_queryset(self, request):
        # What is not loaded can't be shown.
        secrets = ("password", "staged_password", "gateway_password")
        return super().get_queryset(request).defer(*secrets)

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
