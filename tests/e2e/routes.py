"""Every route of the API, as the URL configuration has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """`path` as in the OpenAPI document: `/v1/…/{credential_id}`."""

    path: str
    view: type[APIView]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def methods(self) -> list[str]:
        return [method for method in METHODS if hasattr(self.view, method.lower())]

    @property
    def operators_only(self) -> bool:
        return getattr(self.view, "operators_only", False)

    def filled(self, **ids: str) -> str:
        return self.path.format(**ids)


def api_routes() -> list[Route]:
    """Those under /v1, without the one for everything else."""
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list, prefix: str) -> Iterator[Route]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        elif isinstance(each, URLPattern) and path.startswith("/v1/"):
            yield Route(_PARAMETER.sub(r"{\1}", path), each.callback.view_class)
