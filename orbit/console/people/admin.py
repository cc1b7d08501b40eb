"""Organisations, their members and API keys, with pages that act on them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from orbit.accounts.api_keys.selectors import living_descendants
from orbit.accounts.models import ApiKey, Member, Organization, Role
from orbit.console.cells import counted, page_link, roomy, spare, two
from orbit.console.long_lists import OrganisationFilter
from orbit.console.pages import OwnedAdmin, PageAdmin, get_or_404, render
from orbit.console.people import overview
from orbit.console.people.forms import InviteForm
from orbit.console.templatetags.console import ago, state
from orbit.console.times import when


@admin.register(Organization)
class OrganizationAdmin(PageAdmin):
    list_display = ["named", "people", "made", "key_at_gateways"]
    list_display_links = None
    search_fields = ["name", "id", "gateway_key"]
    ordering = ["-id"]  # a query that counts has not the model's, and look-ups show pages of it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(member_count=Count("members"))

    @display(description="organisation, id", ordering="name")
    def named(self, organization: Organization) -> SafeString:
        return two(page_link(organization, organization.name), spare(organization.pk))

    @display(description="members", ordering="member_count")
    def people(self, organization: Organization) -> str:
        return counted(organization.member_count, "member")

    @display(description="created", ordering="created_at")
    def made(self, organization: Organization) -> SafeString:
        return roomy(when(organization.created_at))

    @display(description="system_id at gateways", ordering="gateway_key")
    def key_at_gateways(self, organization: Organization) -> SafeString:
        return roomy(organization.gateway_key)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        organization = get_or_404(Organization.objects.all(), key)
        return organization_page(request, organization, InviteForm(initial={"role": Role.VIEWER}))


@admin.register(Member)
class MemberAdmin(OwnedAdmin):
    list_display = ["person", "plays", "organisation", "since"]
    list_display_links = None
    fields = readonly_fields = ["user", "organisation", "role", "created_at"]
    list_select_related = ["user", "organization"]
    list_filter = ["role"]
    search_fields = ["user__email", "organization__name"]

    @display(description="person", ordering="user__email")
    def person(self, member: Member) -> SafeString:
        return two(page_link(member, member.user.email))

    @display(description="role", ordering="role")
    def plays(self, member: Member) -> str:
        return member.role

    @display(description="since", ordering="created_at")
    def since(self, member: Member) -> SafeString:
        return roomy(when(member.created_at))


@admin.register(ApiKey)
class ApiKeyAdmin(PageAdmin):
    list_display = [
        "named", "lives", "used", "whose", "maker",
    ]  # fmt: skip
    list_display_links = None
    list_select_related = ["organization", "made_by"]
    list_filter = [
        "is_operator",
        ("revoked_at", admin.EmptyFieldListFilter),
        ("organization", OrganisationFilter),
    ]
    list_filter_submit = True
    search_fields = ["prefix", "name", "id", "organization__name"]

    @display(description="key", ordering="name")
    def named(self, key: ApiKey) -> SafeString:
        return two(page_link(key, key.name), f"{key.prefix}…")

    @display(description="state", ordering="expires_at")
    def lives(self, key: ApiKey) -> SafeString:
        if key.revoked_at:
            return two(state("revoked"), ago(key.revoked_at))
        if key.expires_at is None:
            return state("active")
        is_over = key.expires_at <= timezone.now()
        until = format_html("until {}", when(key.expires_at))
        return two(state("expired" if is_over else "active"), until)

    @display(description="last used", ordering="last_used_at")
    def used(self, key: ApiKey) -> SafeString:
        return two("never used" if key.last_used_at is None else ago(key.last_used_at))

    @display(description="organisation", ordering="organization__name")
    def whose(self, key: ApiKey) -> SafeString:
        return two("operators, all organisations" if key.is_operator else self.organisation(key))

    @display(description="made by", ordering="made_by__email")
    def maker(self, key: ApiKey) -> SafeString:
        return roomy(key.made_by.email if key.made_by else "a command")

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
