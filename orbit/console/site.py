"""The console's site: unfold's, where a change of one's own password is limited and audited."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST":
            return super().password_change(request, extra_context)
        # It imports models, and Django loads this module before them.
        own_password = import_module("orbit.console.own_password")
        return own_password.guarded(
            request, lambda: super(ConsoleSite, self).password_change(request, extra_context)
        )
