"""The console's site: unfold's, with single sign-on, and limited changes of one's own password."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from unfold.sites import UnfoldAdminSite

from orbit.accounts.second_factor import relying_party


class ConsoleSite(UnfoldAdminSite):
    # What it imports inside imports models, and Django loads this module before them.

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        ways = {
            "single_sign_on": bool(settings.OIDC_ISSUER),
            "passkeys_at": relying_party.name() and relying_party.origin(),
        }
        return super().login(request, {**ways, **(extra_context or {})})

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        single_sign_on = import_module("orbit.console.single_sign_on.views")
        # A page that leads there, no redirect: the policy lets forms go to this site alone.
        way = {"way_out": single_sign_on.way_out(request) if request.method == "POST" else ""}
        return super().logout(request, {**way, **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in value for value in request.GET.values()):  # PostgreSQL refuses to look
            return HttpResponseBadRequest()
        return super().autocomplete_view(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST":
            return super().password_change(request, extra_context)
        own_password = import_module("orbit.console.own_password")
        return own_password.guarded(
            request, lambda: super(ConsoleSite, self).password_change(request, extra_context)
        )
