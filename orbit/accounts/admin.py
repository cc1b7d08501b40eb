"""Accounts in the operators' console: people can be edited, the rest is read-only."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from orbit.accounts.actors import Actor
from orbit.accounts.authentication import actor_of_request
from orbit.accounts.models import User
from orbit.accounts.users import changes

_ID = re.compile(r"[0-9]{1,18}")  # of a person


def _is_beyond_databases(text: str) -> bool:
    """Whether Django's filters accept the value and the database does not: a NUL, a time before the
    year 1."""
    if "\0" in text:
        return True
    try:
        moment = parse_datetime(text)
        if moment is not None and moment.tzinfo is not None:
            moment.astimezone(UTC)
    except ValueError:
        return False
    except OverflowError:
        return True
    return False


class ListAdmin(ModelAdmin):
    """A list that takes any query string. Titles of pages are names of what they show."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        # Answered as Django does to any bad filter.
        if any(_is_beyond_databases(value) for _, each in request.GET.lists() for value in each):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if obj := context.get("original"):
            context |= {"title": str(obj), "subtitle": None}
        return super().render_change_form(request, context, *args, **options)


class ReadOnlyAdmin(ListAdmin):
    """A read-only admin: services alone write these rows."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(Group)  # the roles are made by `orbit.console.roles`


@admin.register(User)
class PersonAdmin(UserAdmin, ListAdmin):
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

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> User | None:
        """None for an id that is not plain ASCII digits: Django accepts digits of every script, and
        the audit would then not find the person whose changes it compares."""
        if not _ID.fullmatch(object_id):
            return None
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not all(map(_ID.fullmatch, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        with self._audited(request, object_id):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        with self._audited(request, id):
            return super().user_change_password(request, id, form_url)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        changes.delete(_operator(request), [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            changes.delete(_operator(request), queryset)

    def _audited(self, request: HttpRequest, user_id: str | None) -> AbstractContextManager[None]:
        if request.method != "POST":
            return nullcontext()
        known = user_id if user_id and _ID.fullmatch(user_id) else None
        return changes.audited(_operator(request), known)


def _operator(request: HttpRequest) -> Actor:
    return actor_of_request(
        request, type="operator", id=str(request.user.pk), name=request.user.email
    )
