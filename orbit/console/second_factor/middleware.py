"""Ask for the second factor before the console, of those who have one or must have one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from orbit.accounts.second_factor.services import is_set_up
from orbit.console.single_sign_on.views import PROVED

_CONSOLE = "/admin/"
_ASKS = ("console:second_factor", "console:options_to_prove", "console:prove")
_SETS_UP = (
    "console:set_up_second_factor",
    "console:set_up_app",
    "console:options_to_add",
    "console:add_passkey",
)


class SecondFactorMiddleware:
    """Behind django-otp's, which knows whether a session has proved it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = _page_before(request)
        if not page:
            return self.get_response(request)
        if "HX-Request" in request.headers:  # a part of a page: reload the whole of it
            return HttpResponse(headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path(), page)


def _page_before(request: HttpRequest) -> str:
    """The page to show first, or "": the second factor's, to prove or to set up."""
    if not request.path_info.startswith(_CONSOLE) or not request.user.is_authenticated:
        return ""
    if not request.user.is_staff or request.user.is_verified() or PROVED in request.session:
        return ""
    if request.path in _paths("admin:login", "admin:logout"):
        return ""
    if is_set_up(request.user):
        return "" if request.path in _paths(*_ASKS) else reverse(_ASKS[0])
    may_go_on = not settings.SECOND_FACTOR_REQUIRED or request.path in _paths(*_SETS_UP)
    return "" if may_go_on else reverse(_SETS_UP[0])


def _paths(*names: str) -> set[str]:
    return {reverse(name) for name in names}
