"""What is wrong in this app: binds, the queue, certificates, keys, webhooks; and the disk.

Each source reads a bounded number of rows by an index.
"""

from __future__ import annotations

import functools
import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from messaging.credentials.models import BindState, Credential
from messaging.inbound.models import InboundMessage
from messaging.messages.models import UNSENT, Message
from messaging.notices.decisions import Condition, Kind, Touched
from messaging.own_numbers.models import OwnNumber
from messaging.webhooks.models import Webhook
from orbit.accounts.api_keys.models import ApiKey

ROWS = 1_000  # of one source
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_DOWN = (BindState.UNBOUND, BindState.BINDING)


def binds(now: datetime) -> Iterable[Condition]:
    """One a carrier's host: of its credentials that have been down for NOTICE_BIND_DOWN seconds.

    Titles count nothing where several organisations are told.
    """
    rows = (
        Credential.objects.live()
        .filter(
            enabled=True,
            status__bind_state__in=_DOWN,
            status__bind_since__lte=now - timedelta(seconds=settings.NOTICE_BIND_DOWN),
        )
        .order_by("status__bind_since")
        .values("pk", "organization_id", "name", "host", "port", "status__bind_since",
                "status__bind_error")[:ROWS]
    )  # fmt: skip
    by_host: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        by_host[f"{row['host']}:{row['port']}"].append(row)
    for host, down in by_host.items():
        first = down[0]
        one = len(down) == 1
        yield Condition(
            key=f"bind:{host}",
            kind=Kind.BIND,
            what=f"{first['name']} is not bound to {host}" if one else f"Binds to {host} are down",
            why="; ".join(sorted({each["status__bind_error"] for each in down} - {""}))[:1000]
            or "the carrier has not said why",
            advice="Compare what is set with what the carrier says, then press Push.",
            path=f"/admin/messaging/credential/{first['pk']}/change/"
            if one
            else f"/admin/messaging/credential/?q={first['host']}",
            since=first["status__bind_since"],
            touches=_touched(down),
        )


def queue(now: datetime) -> Iterable[Condition]:
    """Messages have waited for NOTICE_QUEUE_AGE seconds for a carrier."""
    before = now - timedelta(seconds=settings.NOTICE_QUEUE_AGE)
    waiting = Message.objects.filter(
        status__in=UNSENT, claimed_at=None, created_at__lt=before
    ).order_by("created_at")
    rows = list(waiting.values("organization_id", "organization__name", "created_at")[:ROWS])
    if not rows:
        return
    names = {row["organization_id"]: row["organization__name"] for row in rows}
    more = "at least " if len(rows) == ROWS else ""
    yield Condition(
        key="queue",
        kind=Kind.QUEUE,
        what="Messages wait too long for a carrier",
        why=f"{more}{len(rows)} wait for more than {settings.NOTICE_QUEUE_AGE} s",
        advice="See whether binds are up, workers run, and the pace is enough.",
        path="/admin/",
        since=rows[0]["created_at"] + timedelta(seconds=settings.NOTICE_QUEUE_AGE),
        touches=tuple(Touched(pk, name) for pk, name in names.items()),
    )


def certificates(now: datetime) -> Iterable[Condition]:
    """Our certificates at carriers that end within NOTICE_CERTIFICATE_DAYS."""
    rows = (
        Credential.objects.live()
        .filter(enabled=True, tls=True, tls_certificate__isnull=False)
        .order_by("pk")
        .values("pk", "organization_id", "name", "tls_certificate")
    )
    soon = now + timedelta(days=settings.NOTICE_CERTIFICATE_DAYS)
    for row in rows.iterator():
        end = _end_of(row["tls_certificate"])
        if end is None or end > soon:
            continue
        yield Condition(
            key=f"certificate:{row['pk']}",
            kind=Kind.CERTIFICATE,
            what=f"The certificate of {row['name']} "
            + ("has ended" if end <= now else f"ends on {end:%Y-%m-%d}"),
            why=f"it is valid until {end:%Y-%m-%d %H:%M} UTC",
            advice="Get a new one from its authority and put it into the credential.",
            path=f"/admin/messaging/credential/{row['pk']}/change/",
            since=end - timedelta(days=settings.NOTICE_CERTIFICATE_DAYS),
            touches=_touched([row]),
        )


def keys(now: datetime) -> Iterable[Condition]:
    """API keys in use that end within NOTICE_KEY_DAYS: one each organisation, and one for those of
    operators."""
    rows = (
        ApiKey.objects.filter(revoked_at=None, last_used_at__isnull=False)
        .filter(expires_at__gt=now, expires_at__lte=now + timedelta(days=settings.NOTICE_KEY_DAYS))
        .order_by("expires_at")
        .values("organization_id", "name", "prefix", "expires_at")[:ROWS]
    )
    by_organization: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        by_organization[row["organization_id"] or ""].append(row)
    for organization_id, ending in by_organization.items():
        first = ending[0]
        more = "" if len(ending) == 1 else f", and {len(ending) - 1} more soon"
        yield Condition(
            key=f"key:{organization_id}",
            kind=Kind.KEY,
            what=f"The API key {first['name']} ends on {first['expires_at']:%Y-%m-%d}{more}",
            why=f"it is in use, and valid until {first['expires_at']:%Y-%m-%d %H:%M} UTC",
            advice="Make a new key, put it where this one is used, and revoke this one.",
            path="/admin/accounts/apikey/",
            since=first["expires_at"] - timedelta(days=settings.NOTICE_KEY_DAYS),
            touches=tuple(
                Touched(organization_id, f"{each['name']} ({each['prefix']}…)") for each in ending
            ),
        )


def inbound(now: datetime) -> Iterable[Condition]:
    """One an organisation: of its numbers that had texts within a week, and none for
    NOTICE_INBOUND_HOURS."""
    if not settings.NOTICE_INBOUND_HOURS:
        return
    latest = InboundMessage.objects.filter(number=OuterRef("pk")).order_by("-pk")
    silent = (now - _WEEK, now - timedelta(hours=settings.NOTICE_INBOUND_HOURS))
    rows = (
        OwnNumber.objects.annotate(last=Subquery(latest.values("received_at")[:1]))
        .filter(last__range=silent)
        .order_by("pk")
        .values("organization_id", "number", "last")[:ROWS]
    )
    by_organization: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        by_organization[row["organization_id"]].append(row)
    for organization_id, numbers in by_organization.items():
        last = max(each["last"] for each in numbers)
        yield Condition(
            key=f"inbound:{organization_id}",
            kind=Kind.INBOUND,
            what="No texts come in",
            why=f"the last one came at {last:%Y-%m-%d %H:%M} UTC",
            advice="Send a text to one of the numbers; if none comes, ask the carrier.",
            path="/admin/messaging/inboundmessage/",
            since=last + timedelta(hours=settings.NOTICE_INBOUND_HOURS),
            touches=tuple(Touched(organization_id, each["number"]) for each in numbers),
        )


def webhooks(now: datetime) -> Iterable[Condition]:
    """Webhooks that fail, and have not worked for NOTICE_WEBHOOK_AGE seconds."""
    before = now - timedelta(seconds=settings.NOTICE_WEBHOOK_AGE)
    rows = (
        Webhook.objects.filter(active=True, last_failure_at__gte=now - _HOUR)
        .filter(Q(last_success_at=None) | Q(last_success_at__lt=before))
        .filter(created_at__lt=before)
        .order_by("pk")
        .values("pk", "organization_id", "url", "last_success_at", "last_failure_at",
                "last_failure")[:ROWS]
    )  # fmt: skip
    for row in rows:
        if row["last_success_at"] and row["last_success_at"] > row["last_failure_at"]:
            continue
        host = urlsplit(row["url"]).hostname or "?"
        yield Condition(
            key=f"webhook:{row['pk']}",
            kind=Kind.WEBHOOK,
            what=f"The webhook to {host} fails",
            why=row["last_failure"][:1000],
            advice="See its deliveries; what is dead can be sent again once it works.",
            path=f"/admin/messaging/webhook/{row['pk']}/change/",
            touches=(Touched(row["organization_id"], host),),
        )


def disk(now: datetime) -> Iterable[Condition]:
    """Of this worker's machine: where its state is."""
    usage = shutil.disk_usage(settings.STATE_DIR)
    free = 100 * usage.free / usage.total
    if free >= settings.NOTICE_DISK_FREE:
        return
    yield Condition(
        key="disk",
        kind=Kind.DISK,
        what="The disk of the site is nearly full",
        why=f"{free:.0f} % of it are free, in STATE_DIR",
        advice="Delete what is not needed, or give it a larger disk: writes fail once it is full.",
        path="/admin/",
    )


@functools.lru_cache(maxsize=10_000)
def _end_of(pem: str) -> datetime | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    except ValueError:
        return None


def _touched(rows: Iterable[dict]) -> tuple[Touched, ...]:
    return tuple(Touched(each["organization_id"], each["name"]) for each in rows)
