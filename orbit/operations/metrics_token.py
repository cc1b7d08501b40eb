"""METRICS_TOKEN, by which monitors identify themselves."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest


def bears_metrics_token(request: HttpRequest) -> bool:
    """Whether the request has the token as Bearer; False where the site has no token."""
    if not settings.METRICS_TOKEN:
        return False
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.META.get("HTTP_AUTHORIZATION", "").encode("utf-8", "replace")
    return hmac.compare_digest(wanted, given)
