"""Pages of documentation: the landing page, Swagger UI, a page for each error code."""

from __future__ import annotations

import functools
import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView

from orbit.api import resource_error_codes
from orbit.api.error_codes import ERROR_CODES
from orbit.api.error_responses import error_example
from orbit.api.views import OneRenderer

# A planet and its orbit.
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="6" fill="#0b62d6"/>
<ellipse cx="16" cy="16" rx="14" ry="6" transform="rotate(-30 16 16)" fill="none" stroke="#0b62d6"
 stroke-width="2.5"/>
</svg>
"""


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/landing.html")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for /favicon.ico; they accept the SVG that Content-Type names."""
    return HttpResponse(_ICON, content_type="image/svg+xml")


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    entries = sorted(ERROR_CODES.values(), key=lambda entry: (entry.status, entry.code))
    context = {"entries": entries, "outcomes": resource_error_codes.registered()}
    return render(request, "docs/errors.html", context)


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one code, in upper or lower case: an API error (`meta.docs_url` links here), or
    a code in `error.code` of a resource."""
    entry, outcome = ERROR_CODES.get(code.upper()), resource_error_codes.find(code.upper())
    if entry is None and outcome is None:
        raise Http404(code)
    context = {"code": code.upper(), "entry": entry, "outcome": outcome}
    if entry is not None:
        body = error_example(entry.code, site=request.build_absolute_uri("/").rstrip("/"))
        context["example"] = json.dumps(body, indent=2, ensure_ascii=False)
    return render(request, "docs/error.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_document(), content_type="application/json")


@functools.cache
def _document() -> bytes:
    """The OpenAPI document as JSON without indentation, which would be two fifths of it. Built
    once, since it takes a second."""
    found = SchemaGenerator().get_schema(request=None, public=True)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI with its script in a static file, since the policy allows no inline script."""

    authentication_classes: list = []
    permission_classes: list = []
    content_negotiation_class = OneRenderer
    url_name = "openapi"
