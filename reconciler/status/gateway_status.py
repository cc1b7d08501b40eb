"""State of a gateway as passes and probes last found it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from messaging.credentials.events import events_of
from messaging.credentials.models import BindState, CredentialStatus, SyncState
from messaging.webhooks.events import emit_many
from orbit.accounts.models import Organization
from reconciler import placements
from reconciler.models import Gateway, GatewayState
from reconciler.state import Greeting, State
from reconciler.status import bind_history

UNSEEN_AFTER = timedelta(seconds=20)  # without a probe: six in a row are missing


def mark_probed(gateway: Gateway, *, reached: bool) -> None:
    """Write down that a process has probed the gateway, by the database's clock: the clocks of
    workers may differ."""
    mine = Gateway.objects.filter(pk=gateway.pk)
    if reached:
        mine.update(looked_at=Now(), away_since=None)
        return
    # What nobody has looked at may have been up meanwhile.
    unseen = Q(looked_at=None) | Q(looked_at__lt=Now() - UNSEEN_AFTER)
    mine.filter(Q(away_since=None) | unseen).update(away_since=Now())
    mine.update(looked_at=Now())


def mark_back(gateway: Gateway) -> None:
    """Mark the gateway up; the state of its binds is left to the next pass."""
    _set_state(gateway, GatewayState.UP)


def mark_down(gateway: Gateway, reason: str, *, shown_by_looks: bool) -> None:
    """Mark the gateway down, and its binds unknown.

    `shown_by_looks`: a probe sees the fault without a pass, so a probe may clear it.
    """
    _set_state(gateway, GatewayState.DOWN, reason, shown_by_looks=shown_by_looks)
    organizations = Organization.objects.filter(placements.served_by(gateway)).values("pk")
    error = f"the gateway is down: {gateway.without_addresses(reason)}"
    mark_unknown(organizations, error)
    _statuses(organizations).exclude(sync_state=SyncState.SYNCED).update(sync_error=error)


def mark_unknown(organizations: Sequence[str] | QuerySet, error: str) -> None:
    """Mark the binds of these organisations (ids) unknown: the next pass over them looks."""
    now = timezone.now()
    live = _statuses(organizations).filter(credential__enabled=True)
    with transaction.atomic():
        _announce_losses(live, error)
        moved = live.exclude(bind_state=BindState.UNKNOWN)
        bind_history.record(list(moved.values_list("pk", flat=True)), BindState.UNKNOWN, error)
        moved.update(bind_state=BindState.UNKNOWN, bind_since=now, bound=0, sessions=[])
    live.exclude(bind_error=error).update(bind_error=error)


def _statuses(organizations: Sequence[str] | QuerySet) -> QuerySet[CredentialStatus]:
    return CredentialStatus.objects.filter(
        credential__organization__in=organizations, credential__deleted_at=None
    )


def mark_unread(gateway: Gateway, reason: str) -> None:
    """Write down why a pass could not read a gateway that takes messages. Binds stay as they were
    seen; credentials that wait for a pass are told why."""
    state = GatewayState.UNKNOWN if gateway.state == GatewayState.UNKNOWN else GatewayState.UP
    _set_state(gateway, state, f"it takes messages, and can't be read: {reason}")
    organizations = Organization.objects.filter(placements.served_by(gateway)).values("pk")
    waiting = _statuses(organizations).exclude(sync_state=SyncState.SYNCED)
    public = gateway.without_addresses(reason)
    waiting.update(sync_error=f"the gateway can't be changed now: {public}")


def mark_up(gateway: Gateway, found: State, greeting: Greeting, *, is_whole: bool) -> None:
    """Write down what a pass has read; `is_whole`: of all organisations, not of one.

    A process that is closed although its row is not was told so by a site that this database knows
    nothing of, as after a restore: `door.keep` opens it again.
    """
    news = {"last_pass_at": timezone.now()} if is_whole else {}
    if found.is_draining and not gateway.closed:
        news["told_closed"] = True
    _set_state(
        gateway,
        GatewayState.UP,
        looked_at=Now(),
        away_since=None,
        epoch=found.epoch,
        conflicts=list(found.conflicts),
        jasmin_version=greeting.jasmin,
        launcher_version=greeting.launcher,
        capabilities=sorted(greeting.capabilities),
        **news,
    )


def _announce_losses(live: QuerySet[CredentialStatus], error: str) -> None:
    """Emit an event for each bind that was up: its owner can't count on it now."""
    up = live.filter(bind_state=BindState.BOUND).select_related("credential")
    now, events = timezone.now(), []
    for before in up.select_for_update(of=("self",)):
        after = copy.copy(before)
        after.bind_state, after.bind_error = BindState.UNKNOWN, error
        events += events_of(before.credential, before=before, after=after, at=now)
    emit_many(events)


def _set_state(gateway: Gateway, state: GatewayState, reason: str = "", **fields) -> None:
    now = timezone.now()
    if gateway.state != state or gateway.state_reason != reason:
        fields |= {"state": state, "state_reason": reason}
        if gateway.state != state:
            fields["state_since"] = now
    if fields:
        Gateway.objects.filter(pk=gateway.pk).update(**fields)
