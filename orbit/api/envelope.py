"""The envelope of every answer: `{"data": …, "meta": …}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone


def timestamp(moment: datetime | None) -> str | None:
    """ISO 8601, UTC, `Z`, whole seconds; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def meta(request: Any) -> dict[str, Any]:
    """Return `{request_id, timestamp}` for the answer to this request (Django's or DRF's)."""
    return {
        "request_id": getattr(request, "request_id", ""),
        "timestamp": timestamp(timezone.now()),
    }


def success(request: Any, data: Any, *, pagination: Mapping[str, Any] | None = None) -> dict:
    """Return `{data, meta}`, with `meta.pagination` for lists."""
    frame = {"data": data, "meta": meta(request)}
    if pagination is not None:
        frame["meta"]["pagination"] = dict(pagination)
    return frame
