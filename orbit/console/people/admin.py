"""Organisations, their members and API keys, with pages that act on them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from orbit.accounts.api_keys.selectors import living_descendants
from orbit.accounts.models import ApiKey, Member, Organization, Role
from orbit.console.long_lists import OrganisationFilter
from orbit.console.pages import OwnedAdmin, PageAdmin, get_or_404, render
from orbit.console.people import overview
from orbit.console.people.forms import InviteForm


@admin.register(Organization)
class OrganizationAdmin(PageAdmin):
    list_display = ["name", "id", "gateway_key", "members", "created_at"]
    search_fields = ["name", "id", "gateway_key"]
    ordering = ["-id"]  # a query that counts has not the model's, and look-ups show pages of it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(member_count=Count("members"))

    @display(description="members", ordering="member_count")
    def members(self, organization: Organization) -> int:
        return organization.member_count

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        organization = get_or_404(Organization.objects.all(), key)
        return organization_page(request, organization, InviteForm(initial={"role": Role.VIEWER}))


@admin.register(Member)
class MemberAdmin(OwnedAdmin):
    list_display = ["user", "organisation", "role", "created_at"]
    fields = readonly_fields = list_display
    list_select_related = ["user", "organization"]
    list_filter = ["role"]
    search_fields = ["user__email", "organization__name"]


@admin.register(ApiKey)
class ApiKeyAdmin(PageAdmin):
    list_display = [
        "prefix", "name", "organisation", "made_by", "is_operator", "last_used_at", "expires_at",
        "revoked_at",
    ]  # fmt: skip
    list_select_related = ["organization", "made_by"]
    list_filter = [
        "is_operator",
        ("revoked_at", admin.EmptyFieldListFilter),
        ("organization", OrganisationFilter),
    ]
    list_filter_submit = True
    search_fields = ["prefix", "name", "id", "organization__name"]

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        keys = ApiKey.objects.select_related("organization", "made_by", "parent")
        row = get_or_404(keys, key)
        context = {"key": row, "children": living_descendants(row)}
        return render(request, "console/api_key.html", row.name, row, **context)


def organization_page(
    request: HttpRequest, organization: Organization, form: InviteForm
) -> HttpResponse:
    """The page, with a form that may have faults."""
    context = {
        "organization": organization,
        **overview.read(organization),
        "members": organization.members.select_related("user").order_by("user__email"),
        "roles": form.fields["role"].choices,
        "form": form,
    }
    return render(request, "console/organization.html", organization.name, organization, **context)
