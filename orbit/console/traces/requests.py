"""Start and stop a trace: the right, the audit row, the worker."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.credentials.models import Credential
from orbit.accounts.audit import services as audit
from orbit.api.errors import ApiError
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER, OPERATE
from reconciler import tasks
from reconciler.jasmin.capabilities import TRACE
from reconciler.models import Gateway, Placement
from reconciler.traces import store
from reconciler.traces.following import TOO_OLD
from reconciler.traces.store import Trace

STARTED, STOPPED, DOWNLOADED = "trace.started", "trace.stopped", "trace.downloaded"
LENGTHS = (1, 5, 10, 15)  # minutes
_EXPIRES = 10  # seconds: a page that waits asks again


def may(request: HttpRequest, credential: Credential, action: str, *, texts: bool = False) -> None:
    """Raises PermissionDenied, and audits it."""
    require_permission(
        request,
        ADMINISTER if texts else OPERATE,
        action=action,
        organization=credential.organization,
        target=credential.pk,
    )


def lengths() -> list[int]:
    """How many minutes one may last."""
    most = settings.TRACE_MINUTES
    return [each for each in LENGTHS if each <= most] or [most]


def start(request: HttpRequest, credential: Credential, *, minutes: str, texts: bool) -> None:
    """Raises PermissionDenied, VALIDATION_ERROR, INVALID_STATE, GATEWAY_UNAVAILABLE."""
    may(request, credential, STARTED, texts=texts)
    if minutes not in map(str, lengths()):
        raise ApiError("VALIDATION_ERROR", "This is no length that a trace can have.")
    seconds, gateway = 60.0 * int(minutes), _gateway(credential)

    def effect() -> None:
        note(request, credential, STARTED, f"{minutes} min, {_what(texts)}")
        trace = store.open_trace(
            credential=credential.pk,
            cid=credential.gateway_key,
            gateway=gateway.pk,
            by=str(request.user.pk),
            by_name=request.user.email,
            seconds=seconds,
            texts=texts,
        )
        if trace is None:
            raise ApiError("INVALID_STATE", "A trace of this credential is running.")
        try:
            _queue(trace)
            # Also if nobody looks at the page any more: what the gateway has is kept then, too.
            _queue(trace, countdown=seconds + 1)
        except (OperationalError, RedisError, OSError) as error:
            store.discard(trace)
            message = "The trace can't be started: the broker is away."
            raise ApiError("GATEWAY_UNAVAILABLE", message) from error

    perform(effect)


def stop(request: HttpRequest, credential: Credential) -> None:
    """Raises PermissionDenied, INVALID_STATE."""
    may(request, credential, STOPPED)
    trace = store.of_credential(credential.pk)
    if trace is None or not trace.is_going_on:
        raise ApiError("INVALID_STATE", "No trace of this credential is running.")
    perform(lambda: note(request, credential, STOPPED, ""))
    store.ask_to_stop(trace)
    go_on(trace)


def note(request: HttpRequest, credential: Credential, action: str, detail: str) -> None:
    audit.record(
        by=actor(request),
        organization=credential.organization,
        action=action,
        target=credential.pk,
        detail=detail,
    )


def go_on(trace: Trace) -> None:
    """Have a worker go on with it, unless one was asked just now. Without a broker the page shows
    what there is."""
    if trace.is_going_on and store.may_ask(trace):
        try:
            _queue(trace)
        except (OperationalError, RedisError, OSError):
            return


def _queue(trace: Trace, countdown: float = 0) -> None:
    tasks.follow_trace.apply_async(
        (trace.id,), countdown=countdown or None, expires=countdown + _EXPIRES
    )


def _gateway(credential: Credential) -> Gateway:
    """Raises GATEWAY_UNAVAILABLE, INVALID_STATE."""
    rows = Placement.objects.select_related("gateway")
    placement = rows.filter(organization=credential.organization_id).first()
    if placement is None:
        raise ApiError("GATEWAY_UNAVAILABLE", "The organisation lives on no gateway yet.")
    if TRACE not in placement.gateway.capabilities:
        raise ApiError("INVALID_STATE", f"{placement.gateway.name}: {TOO_OLD}.")
    return placement.gateway


def _what(texts: bool) -> str:
    return "with texts" if texts else "without texts"
