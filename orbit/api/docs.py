"""The pages that people read: the landing page, Swagger UI, one page for each error code."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from orbit.api.catalogue import CATALOGUE
from orbit.api.schema import error_example


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/landing.html")


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    entries = sorted(CATALOGUE.values(), key=lambda entry: (entry.status, entry.code))
    return render(request, "docs/errors.html", {"entries": entries})


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponse:
    """The page that `meta.docs_url` points at; the code in any case."""
    entry = CATALOGUE.get(code.upper())
    if entry is None:
        raise Http404(code)
    example = json.dumps(error_example(entry.code), indent=2, ensure_ascii=False)
    return render(request, "docs/error.html", {"entry": entry, "example": example})


class OpenApiView(SpectacularAPIView):
    renderer_classes = [OpenApiJsonRenderer2]  # application/json
    authentication_classes: list = []
    permission_classes: list = []


class SwaggerView(SpectacularSwaggerSplitView):
    """Its script comes from our own static files, and it is no inline script."""

    authentication_classes: list = []
    permission_classes: list = []
    url_name = "openapi"
