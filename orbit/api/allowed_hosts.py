"""Exempts monitors and gateways from ALLOWED_HOSTS."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware import common


class CommonMiddleware(common.CommonMiddleware):
    """Django's, which checks the host of every request, with exempt paths.

    A proxy's health check and a gateway use the site's address instead of its name. Their paths are
    those that need no HTTPS either (SECURE_REDIRECT_EXEMPT), and no answer there is built from the
    Host header.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        path = request.path.lstrip("/")
        if any(re.search(pattern, path) for pattern in settings.SECURE_REDIRECT_EXEMPT):
            return None
        return super().process_request(request)
