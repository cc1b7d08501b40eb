"""Tables of a site that has sent for a month, made inside PostgreSQL by INSERT … SELECT.

Rows are numbered from 1, the oldest. Of the messages, half are `Site.organization`'s and the others
19 organisations'; a twentieth were made in the last hour, and 2 % of those still wait for a
receipt. `Site.busy` has a tenth more, which wait with us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from messaging.campaigns.models import Campaign, Recipient
from messaging.carriers.models import Carrier
from messaging.messages.models import Message
from messaging.pools.models import SenderPool
from messaging.receipts.models import Part, StrayReceipt
from messaging.webhooks.models import Delivery, Event, Webhook
from orbit.accounts.models import AuditEvent, Organization
from reconciler.models import BindChange
from tests.benchmarks.large_fleet import EACH, credential_id, organization_id
from tests.benchmarks.large_rows import identity, insert, moment_of, one_of
from tests.factories import make_organization
from tests.messaging.messages.conftest import make_carrier

LARGE = (Message, Part, Recipient, StrayReceipt, Event, Delivery, AuditEvent, BindChange)
ORGANIZATIONS = 20
CAMPAIGNS = 10


@dataclass
class Site:
    """`rows` of each large table, the newest of `now`; `number`: that a message of the organisation
    went to."""

    rows: int
    now: datetime
    organization: Organization
    busy: Organization
    carriers: list[Carrier]
    unused: Carrier
    campaigns: list[Campaign]
    webhook: Webhook
    fleet: int
    number: str = ""
    message_id: str = ""


def fill(rows: int, *, fleet: int = 0) -> Site:
    """Make the site, and let PostgreSQL look at it as autovacuum does. `fleet`: credentials that
    `large_fleet` has made, to which half of what happened is told."""
    site = _small(rows, fleet)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no look-ups of foreign keys
        for part in (_messages, _waiting, _reports, _webhooks, _histories, _recipients):
            part(site)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    message = Message.objects.filter(organization=site.organization, status="delivered").first()
    site.number, site.message_id = message.to, message.pk
    return site


def _small(rows: int, fleet: int) -> Site:
    organizations = [make_organization(f"Large {number}") for number in range(ORGANIZATIONS)]
    first = organizations[0]
    carriers = [make_carrier(each, name=f"Carrier of {each.name}") for each in organizations]
    pool = SenderPool.objects.create(organization=first, name="Large")
    now, per_campaign = timezone.now(), rows // CAMPAIGNS
    campaigns = [
        Campaign.objects.create(
            organization=first,
            name=f"Sale {number}",
            body="Hello",
            sender_pool=pool,
            status="completed",
            recipients_total=per_campaign,
            fed=per_campaign,
            started_at=now,
            finished_at=now,
        )
        for number in range(CAMPAIGNS)
    ]
    webhook = Webhook.objects.create(
        organization=first, url="https://hooks.example.com/in", events=["*"], secret_set_at=now
    )
    unused = make_carrier(first, name="Unused")
    return Site(rows, now, first, organizations[-1], carriers, unused, campaigns, webhook, fleet)


def _messages(site: Site) -> None:
    rows, moment = site.rows, moment_of(site.rows, site.now)
    recent, first, per_campaign = rows - rows // 20, rows // 4, rows // CAMPAIGNS
    status = (
        f"(CASE WHEN n > {recent} AND n % 100 IN (98, 99) THEN 'sent' "
        "WHEN n % 1000 < 960 THEN 'delivered' WHEN n % 1000 < 980 THEN 'undelivered' "
        "WHEN n % 1000 < 990 THEN 'failed' ELSE 'submitted_no_receipt' END)"
    )
    insert(
        Message,
        rows,
        id=identity("msg", moment),
        organization_id=one_of([each.organization_id for each in site.carriers]),
        campaign_id=f"CASE WHEN n % 2 = 0 AND n > {first} AND n <= {first + 2 * per_campaign} "
        f"THEN '{site.campaigns[0].pk}' END",
        to="'+1' || (2000000000 + n)",
        status=status,
        carrier_id=one_of([each.pk for each in site.carriers]),
        credential_id=one_of([each.credential_id for each in site.carriers]),
        attempt="1",
        claimed_at=moment,
        sent_at=moment,
        finished_at=f"CASE WHEN {status} = 'sent' THEN NULL ELSE {moment} END",
        **_text(moment),
    )


def _waiting(site: Site) -> None:
    """Two hundred a second, up to a second ago."""
    count, until = site.rows // 10, site.now - timedelta(seconds=1)
    moment = f"('{until.isoformat()}'::timestamptz - ({count} - n) * interval '5 ms')"
    insert(
        Message,
        count,
        id=identity("msg", moment),
        organization_id=f"'{site.busy.pk}'",
        to="'+1' || (3000000000 + n)",
        status="'queued'",
        **_text(moment),
    )


def _text(moment: str) -> dict[str, str]:
    event = '{"status": "queued", "at": "2026-03-08T12:00:00Z", "detail": ""}'
    return {
        "body": "'Your code is 4711, and this text is as long as such texts are'",
        "encoding": "'gsm7'",
        "segments": "1",
        "country": "'US'",
        "sender": "'ACME'",
        "events": f"'[{event}, {event}, {event}]'::jsonb",
        "created_at": moment,
        "updated_at": moment,
        "next_attempt_at": moment,
    }


def _reports(site: Site) -> None:
    moment = moment_of(site.rows, site.now)
    carrier = site.carriers[0]
    insert(
        Part,
        site.rows,
        owner=identity("msg", moment),
        attempt="1",
        number="0",
        of="1",
        credential_id=f"'{carrier.credential_id}'",
        account="'account'",
        status="0",
        carrier_id="'c' || n",
        id_key="'c' || n",
        state="'delivered'",
        answered_at=moment,
    )
    insert(
        StrayReceipt,
        site.rows,
        organization_id=f"'{site.organization.pk}'",
        credential_id=f"'{carrier.credential_id}'",
        account="'account'",
        kind="'unmatched'",
        raw="'00'",
        log="'log'",
        number="n",
        received_at=moment,
        created_at=f"{moment} - interval '5 min'",  # none is early, and looked at again
    )


def _webhooks(site: Site) -> None:
    moment = moment_of(site.rows, site.now)
    kind = "CASE WHEN n % 50000 = 7 THEN 'smpp.credential.bound' ELSE 'message.delivered' END"
    organization = f"'{site.organization.pk}'"
    insert(
        Event,
        site.rows,
        id=identity("evt", moment),
        organization_id=organization,
        type=kind,
        body="'{}'",
        created_at=moment,
    )
    insert(
        Delivery,
        site.rows,
        id=identity("dlv", moment),
        event_id=identity("evt", moment),
        webhook_id=f"'{site.webhook.pk}'",
        url="'https://hooks.example.com/in'",
        lane="'lane'",
        status="CASE WHEN n % 20000 = 7 THEN 'dead' ELSE 'delivered' END",
        due_at=moment,
        created_at=moment,
    )


def _histories(site: Site) -> None:
    moment = moment_of(site.rows, site.now)
    organization = one_of([each.organization_id for each in site.carriers])
    credential = one_of([each.credential_id for each in site.carriers])
    if site.fleet:
        organization = _half(organization, organization_id(f"n / 4 % {site.fleet // EACH}"))
        credential = _half(credential, credential_id(f"n / 4 % {site.fleet}"))
    insert(
        AuditEvent,
        site.rows,
        id=identity("aud", moment),
        chain="'large'",
        seq="n",
        organization_id=organization,
        at=moment,
        actor_type="CASE WHEN n % 5 = 0 THEN 'user' ELSE 'api_key' END",
        actor_id="'key_' || n % 500",
        actor_name="'person' || n % 500 || '@example.com'",
        action="CASE WHEN n % 100000 = 8 THEN 'credential.revealed' ELSE 'carrier.updated' END",
        target="'carr_' || n % 5000",
        outcome="CASE WHEN n % 100000 = 9 THEN 'refused' ELSE 'ok' END",
        mac="''",
    )
    insert(
        BindChange,
        site.rows,
        credential_id=credential,
        before="CASE WHEN n % 2 = 0 THEN 'unbound' ELSE 'bound' END",
        state="CASE WHEN n % 2 = 0 THEN 'bound' ELSE 'unbound' END",
        reason="'the carrier closed the connection'",
        at=moment,
    )


def _half(mine: str, others: str) -> str:
    return f"CASE WHEN n % 4 < 2 THEN {mine} ELSE {others} END"


def _recipients(site: Site) -> None:
    each = site.rows // CAMPAIGNS
    listed = ", ".join(f"'{campaign.pk}'" for campaign in site.campaigns)
    insert(
        Recipient,
        each * CAMPAIGNS,
        campaign_id=f"(ARRAY[{listed}])[1 + (n - 1) / {each}]",
        position=f"(n - 1) % {each}",
        line=f"1 + (n - 1) % {each}",
        to=f"'+1' || (2000000000 + (n - 1) % {each})",
    )
