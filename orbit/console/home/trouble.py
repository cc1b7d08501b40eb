"""Everything in trouble now, for home: passes, platform binds, messages, webhooks, credentials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials.models import Credential, SyncState
from messaging.credentials.selectors import SECRETS
from messaging.messages.dispatch import backlog
from messaging.messages.dispatch.backlog import waiting_since
from messaging.messages.models import ID_PREFIX, UNSENT, Message
from messaging.webhooks.models import Webhook
from orbit.accounts.models import Organization
from orbit.api.totals import EXACT, Total, total
from orbit.console.credentials.admin import IN_TROUBLE
from orbit.console.templatetags.console import host
from orbit.ids import surely_after
from reconciler.health import STALE_AFTER
from reconciler.models import Gateway, GatewayState, Run, RunState

ROWS = 8  # of each kind
ORGANIZATIONS = 1_000  # at most; their waiting messages are counted
STUCK = timedelta(minutes=5)  # a message that has waited longer is in trouble
FAILING = (RunState.FAILED, RunState.UNSAFE)


@dataclass(frozen=True)
class Trouble:
    """`url`: its page, or the list of its rows. `state` is shown as a label. `organization`: None
    of a pass."""

    kind: str
    name: str
    url: str
    organization: Organization | None
    state: str
    why: str
    since: datetime | None


def read() -> dict[str, Any]:
    """`troubles`, of each kind at most `ROWS`. `trouble_count`: the number of all credentials."""
    credentials = Credential.objects.live().filter(IN_TROUBLE)
    troubles = [*_passes(), *_accesses(), *_messages(), *_webhooks(), *_credentials(credentials)]
    return {"troubles": troubles, "trouble_count": credentials.count()}


def _credentials(found: Any) -> Iterator[Trouble]:
    for row in found.select_related("organization", "status").defer(*SECRETS)[:ROWS]:
        status = row.status
        yield Trouble(
            "credential",
            row.name,
            reverse("admin:messaging_credential_change", args=[row.pk]),
            row.organization,
            status.bind_state,
            status.sync_error or status.bind_error or "not bound",
            status.bind_since,
        )


def _accesses() -> Iterator[Trouble]:
    failing = Access.objects.filter(sync_state=SyncState.ERROR).select_related("organization")
    for row in failing.defer("password")[:ROWS]:
        yield Trouble(
            "platform",
            "bind",
            reverse("admin:messaging_access_change", args=[row.pk]),
            row.organization,
            row.sync_state,
            row.sync_error,
            row.synced_at,
        )


def _passes() -> Iterator[Trouble]:
    """The last pass of each gateway, if it failed and none has gone well since."""
    since = timezone.now() - timedelta(seconds=STALE_AFTER * settings.RECONCILE_INTERVAL)
    ended = Run.objects.filter(gateway=OuterRef("pk"), finished_at__isnull=False).order_by("-id")
    last = Gateway.objects.filter(enabled=True).values_list(Subquery(ended.values("pk")[:1]))
    runs = Run.objects.filter(pk__in=last, finished_at__gte=since, state__in=FAILING)
    runs = runs.select_related("gateway").defer("changes")
    failing = [run for run in runs if not _is_over(run)]
    for run in failing[:ROWS]:
        yield Trouble(
            "pass",
            run.gateway.name,
            reverse("admin:reconciler_run_change", args=[run.pk]),
            None,
            run.state,
            run.error or "–",
            run.started_at,
        )


def _is_over(run: Run) -> bool:
    """Whether a later pass succeeded. One without changes leaves no row, but `last_pass_at`."""
    gateway = run.gateway
    is_well = gateway.state == GatewayState.UP and not gateway.faults
    return is_well and bool(gateway.last_pass_at and gateway.last_pass_at > run.finished_at)


def _messages() -> Iterator[Trouble]:
    """Messages that no gateway has taken yet, by organisation, with the oldest one's last event."""
    before = timezone.now() - STUCK
    oldest = backlog.oldest(UNSENT, most=ORGANIZATIONS)
    old = [(pk, key) for key, pk in oldest.items() if pk < surely_after(ID_PREFIX, before)]
    waiting = Message.objects.filter(waiting_since(before), status__in=UNSENT, claimed_at=None)
    for first_id, organization_id in sorted(old)[:ROWS]:
        # Without this lower bound, PostgreSQL may walk all ids to the first match.
        rows = waiting.filter(organization=organization_id, pk__gte=first_id)
        message = rows.defer("body", "to").select_related("organization").order_by("pk").first()
        if message is not None:  # else it was taken meanwhile, or its campaign is held
            yield _waiting(message, total(rows, order=""))


def _waiting(message: Message, found: Total) -> Trouble:
    last = message.events[-1]["detail"] if message.events else ""
    count = f"over {EXACT:,}" if found.is_estimate else f"{found.count:,}"
    return Trouble(
        "messages",
        f"{count} waiting message{'s' if found.count > 1 else ''}",
        reverse("admin:messaging_message_changelist")
        + f"?organization__id__exact={message.organization_id}",
        message.organization,
        message.status,
        last or "no carrier has taken them",
        message.created_at,
    )


def _webhooks() -> Iterator[Trouble]:
    none_since = Q(last_success_at=None) | Q(last_failure_at__gt=F("last_success_at"))
    failing = Webhook.objects.filter(none_since, active=True, last_failure_at__isnull=False)
    rows = failing.select_related("organization").defer("secret", "previous_secret")
    for row in rows.order_by("-last_failure_at")[:ROWS]:
        yield Trouble(
            "webhook",
            host(row.url),
            reverse("admin:messaging_webhook_change", args=[row.pk]),
            row.organization,
            "failed",
            row.last_failure,
            row.last_success_at or row.created_at,
        )
