"""Sender pools: the list, and the page of one with its members and a destination to try."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.decorators import display

from messaging.pools import selectors, services
from messaging.pools.models import SenderPool
from messaging.routing.previews import preview
from messaging.routing.representation import previewed
from orbit.api.errors import ApiError
from orbit.console.pages import PageAdmin, find, render
from orbit.console.permissions import actor, perform, require
from orbit.console.pools.forms import PoolForm, TryForm, blank_row
from orbit.console.roles import OPERATE


@admin.register(SenderPool)
class SenderPoolAdmin(PageAdmin):
    list_display = [
        "name", "organisation", "strategy", "sticky", "geo_match", "senders", "id",
    ]  # fmt: skip
    list_filter = ["strategy", "sticky", "geo_match"]
    list_select_related = ["organization"]
    list_per_page = 50
    search_fields = ["id", "name", "members__sender", "organization__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SenderPool]:
        return super().get_queryset(request).annotate(sender_count=Count("members", distinct=True))

    @display(description="senders", ordering="sender_count")
    def senders(self, pool: SenderPool) -> int:
        return pool.sender_count

    def page(self, request: HttpRequest, key: str) -> HttpResponse:
        """The pool; a POST saves it with its members."""
        pool = _one(key)
        form = PoolForm(pool, request.POST if request.method == "POST" else None)
        if request.method == "POST":
            require(
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


@permission_required("messaging.view_senderpool", raise_exception=True)
def attempt(request: HttpRequest, pool_id: str) -> HttpResponse:
    """The fragment that says what the next message to a destination would get."""
    pool = _one(pool_id)
    form = TryForm(pool, request.GET)
    context = {"pool": pool, "trying": form}
    if form.is_valid():
        asked = form.values
        found = preview(
            pool,
            asked["destination"],
            carrier_id=asked.get("carrier_id"),
            count=asked["count"],
        )
        context["found"] = previewed(found)
    return TemplateResponse(request, "console/fragments/preview.html", context)


@permission_required(OPERATE, raise_exception=True)
def row(request: HttpRequest) -> HttpResponse:
    """The fragment of a row for one more member."""
    return TemplateResponse(request, "console/fragments/member.html", {"row": blank_row()})


def _is_saved(request: HttpRequest, pool: SenderPool, form: PoolForm) -> bool:
    """Save, or put what is wrong on the form."""

    def effect() -> None:
        locked = selectors.lock(organization=pool.organization, pool_id=pool.pk)
        form.check(locked)
        services.update(by=actor(request), pool=locked, fields=form.values)

    try:
        perform(effect)
    except ApiError as error:
        form.refuse((error.details or {}).get("field"), error.message)
        return False
    return True


def _one(pool_id: str) -> SenderPool:
    row = find(SenderPool.objects.select_related("organization"), pool_id)
    return selectors.find(organization=row.organization, pool_id=row.pk)
