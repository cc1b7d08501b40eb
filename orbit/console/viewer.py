"""The operator who looks at the page that is being made: columns of lists and template filters have
no request, and ask here what may be linked, and Django in which zone times are."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from orbit.console.times import COOKIE, zone_of

CONSOLE = "/admin/"  # every address of the console begins with it
_user: ContextVar[Any] = ContextVar("user of the console", default=None)


class ViewerMiddleware:
    """Stands behind those that say who the user is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(CONSOLE):
            return self.get_response(request)
        token = _user.set(request.user)
        try:
            with timezone.override(zone_of(request.COOKIES.get(COOKIE, ""))):
                return self.get_response(request)
        finally:
            _user.reset(token)


def may_see(model: Model | type[Model]) -> bool:
    """Whether the operator may look at rows of this model. False outside of a request."""
    user, meta = _user.get(), model._meta
    return user is not None and user.has_perm(f"{meta.app_label}.view_{meta.model_name}")
