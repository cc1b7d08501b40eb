"""Carriers that throttle or answer slowly, and disks of gateways, for notices: what only gateways
know (`wire_looks`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings

from messaging.credentials.models import Credential
from messaging.notices.decisions import Condition, Kind, Touched
from reconciler import wire_looks
from reconciler.gateway_client.wire_figures import SLOW, Answers, Unread
from reconciler.wire_looks import Share

_JOURNAL_FREE = 20  # percent of the journal's limit


def throttled(now: datetime) -> Iterable[Condition]:
    """One a carrier's host that says to NOTICE_THROTTLED percent of what is sent that it is too
    much."""
    yield from _by_host(
        now,
        kind=Kind.THROTTLED,
        percent=settings.NOTICE_THROTTLED,
        figure=lambda answers: answers.throttled,
        what="The carrier at {host} throttles",
        why="{percent:.0f} % of {answers} submits of the last minute were answered ESME_RTHROTTLED "
        "or ESME_RMSGQFUL",
        advice="Lower the credential's `throughput` to what the carrier allows, or ask for more.",
    )


def slow(now: datetime) -> Iterable[Condition]:
    """One a carrier's host that answers NOTICE_SLOW percent of submits late, or not at all."""
    yield from _by_host(
        now,
        kind=Kind.SLOW,
        percent=settings.NOTICE_SLOW,
        figure=lambda answers: answers.slow,
        what="The carrier at {host} answers slowly",
        why=f"{{percent:.0f}} % of {{answers}} submits of the last minute had no answer within "
        f"{SLOW} s",
        advice="Ask the carrier; until it is well, another carrier may take its countries.",
    )


def disks(now: datetime) -> Iterable[Condition]:
    """One a gateway whose disk, or whose journal's limit, is nearly used up."""
    looks, unread = wire_looks.look(now)
    for gateway, (*_, last) in looks:
        if why := _lacks_room(last.figures.disk):
            yield Condition(
                key=f"disk:{gateway.pk}",
                kind=Kind.DISK,
                what=f"The disk of gateway {gateway.name} is nearly full",
                why=why,
                advice="Make room in its folder: once it can write nothing it refuses messages.",
                path=f"/admin/reconciler/gateway/{gateway.pk}/change/",
            )
    if unread:
        raise Unread(unread)


def _lacks_room(disk: dict[str, float]) -> str:
    """Why it can hardly write; "" if it can, or does not say."""
    if disk.get("store_ok") == 0:
        return "its journal can't be written"
    size, limit = disk.get("disk_size_bytes", 0), disk.get("journal_limit_bytes", 0)
    if size and (free := 100 * disk["disk_free_bytes"] / size) < settings.NOTICE_DISK_FREE:
        return f"{free:.0f} % of it are free"
    if limit and (free := 100 - 100 * disk["journal_bytes"] / limit) < _JOURNAL_FREE:
        return f"{free:.0f} % of its journal's limit are left: the site reads its log too slowly"
    return ""


def _by_host(
    now: datetime,
    *,
    kind: Kind,
    percent: float,
    figure: Callable[[Answers], int],
    what: str,
    why: str,
    advice: str,
) -> Iterable[Condition]:
    looks, unread = wire_looks.look(now)
    shares: dict[str, Share] = {}
    for _, kept in looks:
        shares |= wire_looks.above(kept, percent, figure)
    by_host: dict[str, list[tuple[Credential, Share]]] = defaultdict(list)
    for credential in _of_connectors(shares):
        host = f"{credential.host}:{credential.port}"
        by_host[host].append((credential, shares[credential.gateway_key]))
    for host, found in by_host.items():
        first, share = max(found, key=lambda each: each[1].percent)
        yield Condition(
            key=f"{kind}:{host}",
            kind=kind,
            what=what.format(host=host),
            why=why.format(percent=share.percent, answers=share.answers),
            advice=advice,
            path=f"/admin/messaging/credential/{first.pk}/change/",
            touches=tuple(Touched(each.organization_id, each.name) for each, _ in found),
        )
    if unread:
        raise Unread(unread)


def _of_connectors(cids: Iterable[str]) -> list[Credential]:
    rows = Credential.objects.live().filter(gateway_key__in=list(cids)).order_by("pk")
    return list(rows.only("pk", "organization_id", "name", "host", "port", "gateway_key"))
