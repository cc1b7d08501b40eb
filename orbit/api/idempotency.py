"""Idempotency-Key: a repeated request is not carried out again and gets the first answer.

A claim is committed before the work (its lease frees the key if the process dies); the work and its
encrypted answer are committed together, by compare-and-set on the claim's token.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from orbit.api.errors import ApiError
from orbit.api.models import IdempotentRequest
from orbit.api.request_body import whole_body
from orbit.db import sealing

LEASE = timedelta(seconds=60)
_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_STORED_HEADERS = ("Content-Type", "Location", "ETag", "Cache-Control", "X-Living-Children")
_LONGEST_PATH = IdempotentRequest._meta.get_field("path").max_length
_NEVER_STORED = frozenset({401, 403, 429})


class LeaseLost(Exception):
    """The lease ran out and another request took the key: this attempt must be rolled back."""


@dataclass(frozen=True)
class Claim:
    """The right to answer the request, until another request takes over the key."""

    pk: int
    token: str


def begin(view: Any, request: Any) -> Claim | HttpResponse | None:
    """Claim the request's key; None without a key, the first answer if there is one already.

    Raises 422 VALIDATION_ERROR (bad header), 422 IDEMPOTENCY_KEY_REUSED, 409
    IDEMPOTENCY_IN_PROGRESS.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None or not view.idempotent or request.method not in _METHODS:
        return None
    if not _KEY.fullmatch(key):
        raise ApiError(
            "VALIDATION_ERROR",
            "Idempotency-Key: has to be 1–255 printable ASCII characters.",
            field="Idempotency-Key",
            details={"expected": "1–255 printable ASCII characters"},
        )
    slot = {
        "caller": request.caller.identity,
        "method": request.method,
        "path": _stored_path(view, request),
        "key": key,
    }
    return _claim(slot, _body_macs(request))


def store(claim: Claim, request: Any, response: HttpResponse) -> None:
    """Store the answer in the running transaction; raises LeaseLost if the claim was taken over."""
    if not _is_stored(response):
        _mine(claim).delete()
        return
    stored = _mine(claim).update(answer=_serialized(request, response), answered_at=timezone.now())
    if not stored:
        raise LeaseLost


def store_or_release(claim: Claim, request: Any, response: HttpResponse) -> None:
    """Store the answer to a request that changed nothing, or free its key."""
    try:
        with transaction.atomic():
            store(claim, request, response)
    except LeaseLost:
        pass  # the request that took over answers


def in_progress() -> ApiError:
    return ApiError(
        "IDEMPOTENCY_IN_PROGRESS",
        "The first request with this Idempotency-Key is still running.",
        headers={"Retry-After": "1"},
    )


def _stored_path(view: Any, request: Any) -> str:
    """The path; a digest of one with a person's number, where those are sealed, and of one that is
    longer than its column: no resource has such a path."""
    path = request.path.rstrip("/")
    if view.personal_path and sealing.is_on():
        return sealing.digest(path)
    if len(path) <= _LONGEST_PATH:
        return path
    return f"sha256:{hashlib.sha256(path.encode()).hexdigest()}"


def _claim(slot: dict[str, str], body_macs: Sequence[str]) -> Claim | HttpResponse:
    now = timezone.now()
    fresh = {
        "body_mac": body_macs[0],
        "token": secrets.token_hex(16),
        "leased_until": now + LEASE,
        "created_at": now,
        "answered_at": None,
        "answer": None,
    }
    try:
        with transaction.atomic(durable=True):
            row = IdempotentRequest.objects.create(**slot, **fresh)
        return Claim(row.pk, row.token)
    except IntegrityError:
        pass
    row = IdempotentRequest.objects.filter(**slot).first()
    if row is None:
        raise in_progress()  # released just now
    if _is_free(row, now):
        # Compare-and-set on what was read: of many who see a free key, one takes it.
        seen = {"pk": row.pk, "token": row.token, "answered_at": row.answered_at}
        with transaction.atomic(durable=True):
            taken = IdempotentRequest.objects.filter(**seen).update(**fresh)
        if taken:
            return Claim(row.pk, fresh["token"])
        raise in_progress()
    if row.body_mac not in body_macs:
        raise ApiError(
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key came before with another body; use a new one.",
        )
    if row.answer is None:
        raise in_progress()
    return _replayed(row.answer)


def _is_free(row: IdempotentRequest, now: datetime) -> bool:
    """Whether the key may be claimed: the lease ran out unanswered, or the answer is too old."""
    if row.answered_at is None:
        return row.leased_until <= now
    return row.created_at <= now - timedelta(hours=settings.RETENTION_IDEMPOTENCY_HOURS)


def _mine(claim: Claim) -> Any:
    return IdempotentRequest.objects.filter(pk=claim.pk, token=claim.token, answered_at=None)


def _is_stored(response: HttpResponse) -> bool:
    status = response.status_code
    return status < 500 and status not in _NEVER_STORED


def _body_macs(request: Any) -> list[str]:
    """HMAC over query string, media type and raw body; no body and `{}` are the same request.

    The first is by SECRET_KEY, the others by its fallbacks: of requests from before a rotation.
    """
    django_request = request._request
    sent = whole_body(django_request)
    body = sent or b"{}"
    media_type = django_request.content_type if sent else "application/json"
    head = json.dumps([django_request.META.get("QUERY_STRING", ""), media_type or ""]).encode()
    # The salt stays: stored requests have MACs with it.
    salt, content = "orbit.api.idempotency", head + b"\n" + body
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, content, key, algorithm="sha256").hexdigest() for key in keys]


def _serialized(request: Any, response: HttpResponse) -> str:
    headers = {name: response[name] for name in _STORED_HEADERS if name in response}
    return json.dumps(
        {
            "status": response.status_code,
            "headers": {**headers, "X-Request-Id": request.request_id},
            "body": response.content.decode(),
        }
    )


def _replayed(answer: str) -> HttpResponse:
    stored = json.loads(answer)
    response = HttpResponse(stored["body"], status=stored["status"], headers=stored["headers"])
    if "Content-Type" not in stored["headers"]:
        del response["Content-Type"]
    response["Idempotency-Replayed"] = "true"
    return response
