"""The console's site: unfold's, with single sign-on, and limited changes of one's own password."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        way = {"single_sign_on": bool(settings.OIDC_ISSUER)}
        return super().login(request, {**way, **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        if any("\0" in value for value in request.GET.values()):  # PostgreSQL refuses to look
            return HttpResponseBadRequest()
        return super().autocomplete_view(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST":
            return super().password_change(request, extra_context)
        # It imports models, and Django loads this module before them.
        own_password = import_module("orbit.console.own_password")
        return own_password.guarded(
            request, lambda: super(ConsoleSite, self).password_change(request, extra_context)
        )
