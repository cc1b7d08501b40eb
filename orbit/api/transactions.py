"""Running a handler that writes: prepare, one transaction, the stored answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase

from orbit.api import idempotency
from orbit.api.errors import ApiError


def perform(
    view: Any, request: Any, handler: Callable[..., Any], kwargs: Mapping[str, Any]
) -> HttpResponseBase:
    """Return the handler's answer, or the first answer to the same Idempotency-Key.

    A handler without effects is just called. Else `view.prepare` runs, then the handler in a
    transaction that also holds the kept answer: both are there after it, or neither. Where no
    answer is kept, a handler that makes one statement needs no transaction around it.
    """
    if not view.has_effects(request):
        view.read_params(request)
        return handler(request, **kwargs)
    claim = idempotency.begin(view, request)
    if isinstance(claim, HttpResponseBase):
        return claim
    try:
        return _in_one_transaction(view, request, handler, kwargs, claim)
    except idempotency.LeaseLost:
        raise idempotency.in_progress() from None
    except Exception as exc:
        response = view.rendered(view.handle_exception(exc))
        if claim:
            idempotency.keep_or_release(claim, request, response)
        return response


def _in_one_transaction(
    view: Any,
    request: Any,
    handler: Callable[..., Any],
    kwargs: Mapping[str, Any],
    claim: idempotency.Claim | None,
) -> HttpResponseBase:
    view.read_params(request)
    view.prepared = view.prepare(request, **kwargs)
    alone = view.writes_one_row and claim is None
    with contextlib.nullcontext() if alone else transaction.atomic():
        try:
            answer = handler(request, **kwargs)
        except ApiError as refusal:
            if not refusal.commits:
                raise
            answer = view.handle_exception(refusal)
        response = view.rendered(answer)
        if claim:
            idempotency.keep(claim, request, response)
    return response
