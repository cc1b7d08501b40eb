"""Sender pools: the list, and the page of one with its members and a preview."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import display

from messaging.pools import selectors, services
from messaging.pools.models import SenderPool
from orbit.console.cells import counted, page_link, spare, two
from orbit.console.long_lists import OrganisationFilter
from orbit.console.pages import PageAdmin, get_or_404, render
from orbit.console.permissions import actor, require_permission
from orbit.console.pools.forms import PoolForm, TryForm
from orbit.console.roles import OPERATE
from orbit.console.words import CHOOSES


@admin.register(SenderPool)
class SenderPoolAdmin(PageAdmin):
    list_display = [
        "named", "senders", "chooses",
    ]  # fmt: skip
    list_display_links = None
    list_filter = ["strategy", "sticky", "geo_match", ("organization", OrganisationFilter)]
    list_filter_submit = True
    list_select_related = ["organization"]
    list_per_page = 50
    search_fields = ["id", "name", "members__sender", "organization__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SenderPool]:
        return super().get_queryset(request).annotate(sender_count=Count("members", distinct=True))

    @display(description="sender pool, organisation", ordering="name")
    def named(self, pool: SenderPool) -> SafeString:
        return two(page_link(pool, pool.name), spare(self.organisation(pool)))

    @display(description="senders", ordering="sender_count")
    def senders(self, pool: SenderPool) -> str:
        return counted(pool.sender_count, "sender")

    @display(description="how it chooses", ordering="strategy")
    def chooses(self, pool: SenderPool) -> SafeString:
        rules = [(pool.sticky, "same sender for the same person"),
                 (pool.geo_match, "sender of the same country first")]  # fmt: skip
        said = ", ".join(rule for holds, rule in rules if holds)
        return two(CHOOSES[pool.strategy], said)

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page. A POST saves the pool with its members."""
        pool = find_pool(key)
        form = PoolForm(pool, request.POST if request.method == "POST" else None)
        if request.method == "POST":
            require_permission(
                request,
                OPERATE,
                action=services.UPDATED,
                organization=pool.organization,
                target=pool.pk,
            )
            if form.is_valid() and _is_saved(request, pool, form):
                messages.success(request, f"{pool.name} is saved.")
                return redirect("admin:messaging_senderpool_change", quote(pool.pk))
        context = {"pool": pool, "form": form, "trying": TryForm(pool)}
        return render(request, "console/pool.html", pool.name, pool, **context)


def _is_saved(request: HttpRequest, pool: SenderPool, form: PoolForm) -> bool:
    """Save; false where that is refused, and the form says why."""

    def effect() -> None:
        locked = selectors.lock(organization=pool.organization, pool_id=pool.pk)
        form.check(locked)
        services.update(by=actor(request), pool=locked, fields=form.values)

    return form.carries_out(effect)


def find_pool(pool_id: str) -> SenderPool:
    row = get_or_404(SenderPool.objects.select_related("organization"), pool_id)
    return selectors.find(organization=row.organization, pool_id=row.pk)
