"""Unknown paths under /v1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orbit.api import throttling
from orbit.api.errors import ApiError, not_found
from orbit.api.views import ApiView


class UnknownPathView(ApiView):
    """404 for every caller and method; the request counts for the limits."""

    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        try:
            caller = request.user
        except ApiError:
            caller = None
        if caller is None:
            throttling.count_address(request)
        else:
            request._request.caller = caller
            self._count(request, caller, 0)
        raise not_found()

    def handler_for(self, request: Any) -> Callable[..., Any] | None:
        return None
