"""The check of a caller's scopes, before query string and body are read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission

from orbit.api.errors import ApiError, not_found

ANY_CALLER = ""  # the scope of methods that any authenticated caller may use


class HasScope(BasePermission):
    """The caller has the scope that the view declares for the method, or the answer is 401/403."""

    def has_permission(self, request: Any, view: Any) -> bool:
        caller = request.user
        if caller is None:
            raise ApiError(
                "UNAUTHORIZED",
                "Send an API key (X-API-Key) or an access token (Authorization: Bearer).",
                headers={"WWW-Authenticate": 'Bearer realm="orbit"'},
            )
        if view.operators_only:
            if not caller.is_operator:
                raise not_found()
            return True
        if request.method == "OPTIONS" or view.handler_for(request) is None:
            return True
        if caller.organization is None and view.organization_required:
            raise ApiError(
                "INSUFFICIENT_PERMISSIONS",
                "An operator belongs to no organisation, and this is an organisation's.",
            )
        self._check_scope(request, view, caller)
        return True

    def _check_scope(self, request: Any, view: Any, caller: Any) -> None:
        method = "GET" if request.method == "HEAD" else request.method
        scope = view.scopes.get(method)
        if scope is None:
            raise ImproperlyConfigured(f"{type(view).__name__} declares no scope for {method}")
        if scope and scope not in caller.scopes:
            raise ApiError(
                "INSUFFICIENT_PERMISSIONS",
                f"This needs the scope {scope}.",
                details={"required": scope},
            )
