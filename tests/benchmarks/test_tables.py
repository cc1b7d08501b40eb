"""A million rows in each large table: what lists, filters, searches, pages and sweeps cost then.

For each question: milliseconds (medians of 5) on a core of the server and of this process, in the
database, and as a whole; the number of statements; by which nodes of their plans they read the
large tables. A sequential scan of one fails; time is printed and never judged.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.utils import quote as admin_quote
from django.test import Client
from django.utils import timezone

from messaging.campaigns import counts
from messaging.campaigns.models import CampaignStatus
from messaging.messages.dispatch import overdue, queue, recovery
from messaging.receipts import recovery as receipt_recovery
from messaging.webhooks.claims import due
from orbit.console.home.views import PARTS
from orbit.operations import health, retention
from tests.benchmarks import (
    fleet_questions,
    large_fleet,
    large_rows,
    large_tables,
    large_two_way,
    query_plans,
)
from tests.benchmarks.large_tables import Site
from tests.benchmarks.query_plans import Answer
from tests.factories import make_user
from tests.messaging.callers import Caller

ROWS = int(os.environ.get("ROWS", 1_000_000))
FLEET = int(os.environ.get("FLEET", 10_000))  # credentials
FIRST = "a"  # sorts before all ids
LARGE = (*large_tables.LARGE, *large_two_way.LARGE)

pytestmark = pytest.mark.stack

Question = tuple[str, Callable[[], Any]]


class Everything(Caller):
    url = "/v1"


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    started = time.monotonic()
    made = fill(ROWS, FLEET)
    print(f"\n\n{ROWS:,} rows in each large table, made in {time.monotonic() - started:.0f} s")
    yield made
    large_rows.truncate(LARGE)


def fill(rows: int, credentials: int) -> Site:
    fleet = large_fleet.fill(credentials)
    made = large_tables.fill(rows, fleet=credentials)
    large_two_way.fill(made, fleet)
    return made


def test_a_million_rows(site: Site, settings: Any) -> None:
    answers = asked(site, settings)
    assert {answer.name: answer.scans for answer in answers if answer.scans} == {}


def asked(site: Site, settings: Any) -> list[Answer]:
    """All questions, with a table of their answers printed."""
    settings.METRICS_TOKEN = "token"
    tables = {model._meta.db_table for model in LARGE}
    answers = []
    logging.disable(logging.INFO)  # a line a request
    try:
        for title, questions in GROUPS.items():
            columns = f"{'server':>8}{'python':>8}{'database':>9}{'whole':>9}  sql  reads by"
            print(f"\n  {title:<42}{columns}")
            for name, question in questions(site):
                answers.append(query_plans.ask(name, question, tables=tables))
                print(answers[-1], flush=True)
    finally:
        logging.disable(logging.NOTSET)
    return answers


def api(site: Site) -> Iterator[Question]:
    caller = Everything(site.organization)
    now = timezone.now()

    def get(path: str) -> Callable[[], Any]:
        def ask() -> Any:
            answer = caller.get(path)
            assert answer.status_code == 200, answer.content
            return answer.json()

        return ask

    def at(days: float) -> str:
        return quote((now - timedelta(days=days)).isoformat())

    number, carrier, campaign = quote(site.number), site.carriers[0].pk, site.campaigns[0].pk
    filters = {
        "first page": "",
        "status=delivered": "status=delivered",
        "status=failed": "status=failed",
        "status=queued, which none are": "status=queued",
        "to": f"to={number}",
        "to, which got none": "to=%2B14155550000",
        "carrier_id": f"carrier_id={carrier}",
        "carrier_id, which has none": f"carrier_id={site.unused.pk}",
        "campaign_id": f"campaign_id={campaign}",
        "created_after 14 days ago": f"created_after={at(14)}",
        "created_before 28 days ago": f"created_before={at(28)}",
        "created between 14 and 15 days ago": f"created_after={at(15)}&created_before={at(14)}",
        "status=failed, created_before 20 days ago": f"status=failed&created_before={at(20)}",
        "carrier_id and status=failed": f"carrier_id={carrier}&status=failed",
    }
    for name, query in filters.items():
        yield name, get(f"/messages?{query}")
    cursor = get(f"/messages?created_before={at(20)}")()["meta"]["pagination"]["cursor"]
    yield "page after a cursor", get(f"/messages?created_before={at(20)}&cursor={quote(cursor)}")
    yield "one message", get(f"/messages/{site.message_id}")
    yield "campaigns", get("/campaigns")
    yield "messages of a campaign", get(f"/campaigns/{campaign}/messages?status=failed")
    yield "recipients of a campaign", get(f"/campaigns/{campaign}/recipients")
    yield "recipients by number", get(f"/campaigns/{campaign}/recipients?to=%2B12000000007")
    for query in ("", "action=carrier.updated", "action=credential.revealed", "target=carr_7",
                  "actor=key_7", "actor=nobody", f"created_before={at(28)}"):  # fmt: skip
        yield f"audit {query.partition('%')[0]}", get(f"/audit-events?{query}")
    for query in ("", "status=dead", "status=delivered", "status=pending",
                  "event_type=message.delivered", "event_type=smpp.credential.bound"):  # fmt: skip
        yield f"deliveries {query}", get(f"/webhooks/{site.webhook.pk}/deliveries?{query}")
    yield from fleet_questions.api(site, caller)
    yield from fleet_questions.operator_api(site)


def console(site: Site) -> Iterator[Question]:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    def get(path: str) -> Callable[[], Any]:
        def ask() -> None:
            answer = client.get(f"/admin/{path}")
            assert answer.status_code == 200, answer.content

        return ask

    for name, path in (_messages(site) | _histories(site)).items():
        yield name, get(path)
    for part in PARTS:
        yield f"home: {part.name}", get(f"console/home/{part.name}/")
    for name, term in _searched(site).items():
        yield f"search: {name}", get(f"console/search/?q={quote(term)}")
    yield from fleet_questions.console(site)


def _messages(site: Site) -> dict[str, str]:
    """Pages of the console about messages and campaigns."""
    listed, number, carrier = "messaging/message/", quote(site.number), site.carriers[0].pk
    campaign = site.campaigns[0].pk
    recipients = f"console/campaigns/{campaign}/recipients/"
    always = f"{listed}?created=any"
    return {
        "messages": listed,
        "by number": f"{listed}?q={number}",
        "by number, any time": f"{always}&q={number}",
        "by id": f"{listed}?q={site.message_id}",
        "by status, any time": f"{always}&status__exact=failed",
        "by a status that none has, any time": f"{always}&status__exact=expired",
        "by organisation, any time": f"{always}&organization__id__exact={site.organization.pk}",
        "by carrier, any time": f"{always}&carrier__id__exact={carrier}",
        "by a carrier without, any time": f"{always}&carrier__id__exact={site.unused.pk}",
        "without a carrier, any time": f"{always}&carrier__isempty=1",
        "messages, the last page": f"{always}&after={FIRST}",
        "message": f"{listed}{admin_quote(site.message_id)}/change/",
        "organisation": f"accounts/organization/{admin_quote(site.organization.pk)}/change/",
        "campaign": f"messaging/campaign/{admin_quote(campaign)}/change/",
        "recipients": recipients,
        "recipients, late page": f"{recipients}?p=900",  # the last one, if there are fewer
        "recipients by number": f"{recipients}?q=2000000",
    }


def _searched(site: Site) -> dict[str, str]:
    """Terms of the search box, which no id is: that leads elsewhere."""
    return {
        "number": site.number,
        "number that none has": "+14155550000",
        "number in national form": "0612345678",
        "message id of a carrier": "00000000ABCDEF",
        "message id that none has": "nothing-has-this-id",
        "name": "a",
        "host": site.carriers[0].credential.host,
    }


def _histories(site: Site) -> dict[str, str]:
    """Pages of the console about what was done and what happened."""
    audit, binds, strays = (
        "accounts/auditevent/",
        "reconciler/bindchange/",
        "messaging/strayreceipt/",
    )
    credential, deliveries = site.carriers[0].credential, f"console/webhooks/{site.webhook.pk}/"
    return {
        "audit": audit,
        "audit, the last page": f"{audit}?after={FIRST}",
        "audit by target": f"{audit}?q=carr_7",
        "audit by action": f"{audit}?q=credential.revealed",
        "audit by nothing that is there": f"{audit}?q=nothing",
        "audit, refused": f"{audit}?outcome__exact=refused",
        "audit of operators": f"{audit}?actor_type__exact=operator",
        "bind changes": binds,
        "bind changes by state": f"{binds}?state__exact=binding",
        "bind changes by credential": f"{binds}?q={credential.pk}",
        "bind changes by name": f"{binds}?q={quote(credential.name)}",
        "bind changes of a quiet one": f"{binds}?q=cred_{site.fleet - 1:032x}",
        "bind changes by reason": f"{binds}?q=closed",
        "history of a credential": f"console/credentials/{credential.pk}/history/",
        "deliveries": f"{deliveries}deliveries/",
        "deliveries, dead": f"{deliveries}deliveries/?status=dead",
        "stray receipts": strays,
        "stray receipts of a kind": f"{strays}?kind__exact=fault",
        "chains": "console/chains/",
    }


def monitors(site: Site) -> Iterator[Question]:
    headers = {"Authorization": "Bearer token"}
    yield "/metrics", lambda: Client().get("/metrics", headers=headers)
    yield "/readyz", health.read


def sweeps(site: Site) -> Iterator[Question]:
    """What beat runs. Nothing is old here, so that each finds nothing, as most of the time."""
    yield "waiting", queue.organizations
    yield "recover", recovery.recover
    yield "end_overdue", overdue.end_overdue
    yield "end_partly_delivered", receipt_recovery.end_partly_delivered
    yield "match_early_again", receipt_recovery.match_early_again
    yield "end_cancelled", lambda: counts.with_unsent(CampaignStatus.CANCELLED)
    yield "webhooks due", lambda: list(due().values_list("lane", flat=True).distinct())
    yield "prune", retention.prune


GROUPS: dict[str, Callable[[Site], Iterator[Question]]] = {
    "API": api,
    "Console": console,
    "Monitors": monitors,
    "Sweeps": sweeps,
}
