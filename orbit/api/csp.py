"""The content security policy of every page: nothing from outside, no inline script.

The console's pages say in attributes what they do, and Alpine (django-unfold) makes functions of
them: under /admin that needs 'unsafe-eval' (docs/adr/0030). Styles may be inline: unfold writes
its colours into the page.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_POLICY = (
    "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_STRICT = _POLICY.format(scripts="'self'")
_CONSOLE = _POLICY.format(scripts="'self' 'unsafe-eval'")


class ContentSecurityPolicyMiddleware:
    """Puts the policy on every answer, since an answer of any type can be opened in a browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        console = request.path_info.startswith("/admin/")
        response.headers.setdefault("Content-Security-Policy", _CONSOLE if console else _STRICT)
        return response
