"""Programs that watch this site: they bear METRICS_TOKEN."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest


def bears_token(request: HttpRequest) -> bool:
    """False as well where this site has no token."""
    if not settings.METRICS_TOKEN:
        return False
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.META.get("HTTP_AUTHORIZATION", "").encode("utf-8", "replace")
    return hmac.compare_digest(wanted, given)
