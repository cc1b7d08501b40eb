"""Strong entity tags (RFC 9110 §8.8.3) over what people wrote, and If-Match."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from orbit.api.errors import ApiError

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def etag(mapping: Mapping[str, Any]) -> str:
    """A quoted strong tag that changes when a value in the mapping does."""
    text = json.dumps(mapping, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def check_if_match(request: Any, current: str) -> None:
    """Raise 412 PRECONDITION_FAILED when If-Match names other tags than the current one.

    Strong comparison: a weak tag never matches. No header, or `*`: nothing is asked.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None or header.strip() == "*":
        return
    if current not in _TAG.findall(header):
        raise ApiError(
            "PRECONDITION_FAILED",
            "The resource has changed since you read it; read it again. Nothing was changed.",
            details={"etag": current},
        )
