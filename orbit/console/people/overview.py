"""What an organisation has and sends: counts, each of which leads to the list of what it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from messaging.access.models import Access
from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import ID_PREFIX as INBOUND_PREFIX
from messaging.inbound.models import InboundMessage
from messaging.messages.models import ID_PREFIX, Message, MessageStatus
from messaging.notices.models import Notice
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import SenderPool
from messaging.usage.representation import sums
from messaging.usage.selectors import STATUS, usage
from messaging.webhooks.models import Webhook
from orbit.accounts.models import ApiKey, Organization
from orbit.api.filters import made_between, newest
from orbit.console.colours import BAD, MESSAGE_COLOURS, QUIET
from orbit.console.credentials.admin import IN_TROUBLE
from orbit.console.keyset import MOST
from orbit.console.notices import open_notices
from orbit.console.viewer import may_see
from reconciler.models import Placement

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Tile:
    """`url`: the list of what `count` counts, which stops at `MOST`. `name`: of many, or with the
    word for one before a slash: "carrier/carriers"."""

    words: str
    count: int
    url: str
    colour: str = QUIET

    @property
    def name(self) -> str:
        one, _, many = self.words.rpartition("/")
        return one if one and self.count == 1 else many

    @property
    def is_cut(self) -> bool:
        return self.count >= MOST


def read(organization: Organization) -> dict[str, Any]:
    """Context of the page, as far as the operator may see it."""
    key = organization.pk
    return {
        "tiles": list(_holdings(key)),
        "access": Access.objects.filter(pk=key).defer("password").first(),
        "placement": Placement.objects.select_related("gateway", "leaving").filter(pk=key).first(),
        **(_traffic(key) if may_see(Message) else {}),
        **(open_notices.of_organization(key) if may_see(Notice) else {}),
    }


def _holdings(key: str) -> Iterator[Tile]:
    credentials = Credential.objects.live().filter(organization=key)
    if may_see(Credential):
        yield _tile("credential/credentials", credentials, key)
        in_trouble = credentials.filter(IN_TROUBLE)
        if in_trouble.exists():
            yield _tile("in trouble", in_trouble, key, colour=BAD, trouble="yes")
    keys = ApiKey.objects.filter(organization=key, revoked_at=None)
    for name, rows, query in (
        ("carrier/carriers", Carrier.objects.filter(organization=key), {}),
        ("sender pool/sender pools", SenderPool.objects.filter(organization=key), {}),
        ("number/numbers", OwnNumber.objects.filter(organization=key), {}),
        ("webhook/webhooks", Webhook.objects.filter(organization=key), {}),
        ("campaign/campaigns", Campaign.objects.filter(organization=key), {"created": "any"}),
        ("opt-out/opt-outs", OptOut.objects.filter(organization=key), {"created": "any"}),
        ("API key/API keys", keys, {"revoked_at__isempty": "1"}),
    ):
        if may_see(rows.model):
            yield _tile(name, rows, key, **query)


def _tile(name: str, rows: QuerySet, key: str, *, colour: str = QUIET, **query: str) -> Tile:
    # In the order of the index by organisation: else PostgreSQL may read the table until it has so
    # many of them.
    count = rows.order_by("-pk")[:MOST].count()
    return Tile(name, count, _listed(rows.model, key, **query), colour if count else QUIET)


def _traffic(key: str) -> dict[str, Any]:
    """`outcomes`: of the messages of the last 24 hours; `month`: what the month came to, by the
    hours of UTC; `inbound`: texts of phones in the last 24 hours."""
    now = timezone.now()
    made = Message.objects.filter(made_between(ID_PREFIX, since=now - DAY), organization=key)
    found = newest(made, MOST).order_by().values_list("status").annotate(Count("pk"))
    counts = dict(found)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    texts = InboundMessage.objects.filter(
        made_between(INBOUND_PREFIX, since=now - DAY), organization=key
    )
    return {
        "outcomes": [
            Tile(
                status.replace("_", " "),
                counts[status],
                _listed(Message, key, status__exact=status, created="day"),
                MESSAGE_COLOURS[status],
            )
            for status in MessageStatus
            if counts.get(status)
        ],
        "outcomes_cut": MOST if sum(counts.values()) >= MOST else 0,
        "messages_url": _listed(Message, key, created="day"),
        "month": sums(usage(key, start=month, end=now, group_by=[STATUS])),
        "inbound": _tile("text of a phone/texts of phones", texts, key, created="day")
        if may_see(InboundMessage)
        else None,
    }


def _listed(model: Any, key: str, **query: str) -> str:
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{urlencode({'organization__id__exact': key, **query})}"
