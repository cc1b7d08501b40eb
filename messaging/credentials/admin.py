"""Credentials as operators may look at them: read-only, without passwords."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.credentials.models import Credential, CredentialStatus
from messaging.credentials.representation import WRITTEN, status_of
from orbit.accounts.admin import ReadOnly, ReadOnlyAdmin


class StatusInline(ReadOnly, admin.StackedInline):
    """All that the gateway was last seen to do with it."""

    model = CredentialStatus
    verbose_name_plural = "seen in the gateway"


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "organization",
        "address",
        "system_id",
        "sync",
        "bind",
        "error",
        "enabled",
    )
    list_filter = ("enabled", "status__sync_state", "status__bind_state")
    list_select_related = ("organization", "status")
    search_fields = ("id", "name", "host", "system_id", "gateway_key")
    fields = (
        "id",
        "organization",
        "sync",
        "bind",
        "error",
        "gateway_key",
        *WRITTEN,
        "password_set_at",
        "password_revealed_at",
        "staged_at",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    readonly_fields = fields
    inlines = (StatusInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        # What is not loaded can't be shown.
        secrets = ("password", "staged_password", "gateway_password")
        return super().get_queryset(request).defer(*secrets)

    @admin.display(ordering="host")
    def address(self, credential: Credential) -> str:
        return f"{credential.host}:{credential.port}"

    @admin.display(ordering="status__sync_state")
    def sync(self, credential: Credential) -> str:
        return status_of(credential).sync_state

    @admin.display(ordering="status__bind_state")
    def bind(self, credential: Credential) -> str:
        return status_of(credential).bind_state

    @admin.display(empty_value="")
    def error(self, credential: Credential) -> str:
        """Why it is not in the gateway; if it is, why it is not bound."""
        status = status_of(credential)
        return status.sync_error or status.bind_error
