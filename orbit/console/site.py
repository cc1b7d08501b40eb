"""The site of the console: unfold's, whose page for the own password is no place to guess it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError


class ConsoleSite(UnfoldAdminSite):
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            if request.method == "POST":
                login_limits.count_own(request.user)
        except ApiError as refusal:
            return HttpResponse(
                refusal.message, status=429, headers=refusal.headers, content_type="text/plain"
            )
        return super().password_change(request, extra_context)
