"""Pages of failures that no view has answered: 503 while the database is away, else 500."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from orbit.api.errors import RETRY_AFTER
from orbit.operations import outages


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: it is called while the exception is handled."""
    error = sys.exc_info()[1]
    if error is None or not outages.is_database_away(error):
        return defaults.server_error(request)
    what, _ = outages.database()
    context = {"server": what, "why": outages.why(error)}
    answer = render(None, "503.html", context, status=503)
    answer["Retry-After"] = RETRY_AFTER
    return answer
