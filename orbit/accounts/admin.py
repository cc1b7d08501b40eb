"""Accounts in the operators' console: people can be edited, the rest is read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from orbit.accounts.models import ApiKey, Member, Organization, User


class ReadOnlyAdmin(ModelAdmin):
    """A read-only admin: services alone write these rows."""

    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        # PostgreSQL refuses a NUL in a parameter; answer as Django does to any bad filter.
        if any("\0" in value for _, values in request.GET.lists() for value in values):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="organisation", ordering="organization__name")
    def organisation(self, row: Any) -> str:
        """A column with the organisation's name."""
        return row.organization.name if row.organization else "–"


admin.site.unregister(Group)  # the roles are made by `orbit.console.roles`


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """Superusers alone manage people: they can give any right."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_display = ["email", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email"]
    filter_horizontal: list[str] = []
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "usable_password", "password1", "password2"]})]
    readonly_fields = ["last_login", "date_joined"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    list_display = ["name", "id", "gateway_key", "members", "created_at"]
    search_fields = ["name", "id", "gateway_key"]
    fields = readonly_fields = ["id", "name", "gateway_key", "messages_kept_days", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(member_count=Count("members"))

    @display(description="members", ordering="member_count")
    def members(self, organization: Organization) -> int:
        return organization.member_count


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ["user", "organisation", "role", "created_at"]
    fields = readonly_fields = list_display
    list_select_related = ["user", "organization"]
    list_filter = ["role"]
    search_fields = ["user__email", "organization__name"]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = [
        "prefix", "name", "organisation", "made_by", "is_operator", "last_used_at", "expires_at",
        "revoked_at",
    ]  # fmt: skip
    list_select_related = ["organization", "made_by"]
    list_filter = ["is_operator", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["prefix", "name", "id", "organization__name"]
    fields = readonly_fields = [
        "id", "prefix", "name", "organisation", "made_by", "is_operator", "scopes", "allowed_ips",
        "created_at", "last_used_at", "expires_at", "revoked_at",
    ]  # fmt: skip
