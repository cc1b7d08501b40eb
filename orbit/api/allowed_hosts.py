"""Which requests have to name a host of ALLOWED_HOSTS: all but those of monitors and gateways."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware import common


class CommonMiddleware(common.CommonMiddleware):
    """Django's, which asks for the host of every request.

    A proxy's health check and a gateway come by address, whatever the site's public names are.
    Their paths are those that need no HTTPS either (SECURE_REDIRECT_EXEMPT), and no answer there is
    built from the Host header.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        path = request.path.lstrip("/")
        if any(re.search(pattern, path) for pattern in settings.SECURE_REDIRECT_EXEMPT):
            return None
        return super().process_request(request)
