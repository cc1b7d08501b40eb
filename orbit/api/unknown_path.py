"""Paths under /v1 that nobody serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orbit.api import throttles
from orbit.api.errors import ApiError, not_found
from orbit.api.views import ApiView


class UnknownPathView(ApiView):
    """404 to everybody and every method, counted for whoever asks."""

    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        try:
            caller = request.user
        except ApiError:
            caller = None
        if caller is None:
            throttles.count_address(request)
        else:
            throttles.count(request, caller.identity)
        raise not_found()

    def handler_for(self, request: Any) -> Callable[..., Any] | None:
        return None
