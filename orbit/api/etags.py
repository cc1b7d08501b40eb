"""Strong entity tags (RFC 9110 §8.8.3) of a resource's writable fields, and If-Match."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags, quote_etag

from orbit.api.errors import ApiError


def etag(mapping: Mapping[str, Any]) -> str:
    """A quoted strong tag that changes when a value in the mapping does."""
    text = json.dumps(mapping, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])


def check_if_match(request: Any, current: str) -> None:
    """Raise 412 PRECONDITION_FAILED when If-Match names other tags than the current one.

    Strong comparison: a weak tag never matches. No header, or `*`: nothing is checked.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        return
    tags = parse_etags(header)
    if tags != ["*"] and current not in tags:
        raise ApiError(
            "PRECONDITION_FAILED",
            "The resource has changed since you read it; read it again. Nothing was changed.",
            details={"etag": current},
        )
