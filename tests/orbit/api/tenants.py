"""An organisation with one of everything, all of it marked, and every kind of caller."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from messaging.inbound.models import InboundPdu
from messaging.notices.models import NoticeRecipient, NoticeSilence
from messaging.receipts.models import StrayReceipt
from messaging.webhooks.models import Delivery
from orbit.accounts.models import Organization
from reconciler.models import Gateway, Run
from tests.factories import (
    make_api_key,
    make_member,
    make_operator_key,
    make_organization,
    make_session,
    make_user,
)

FEW_SCOPES = ("credentials:read", "carriers:read", "messages:write")
STRANGERS = ("stranger", "wrong key", "wrong token")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Tenant:
    """`ids`: of one of each, by the name of the path parameter. `marks`: what nobody else may read
    in any answer; its `ids` are marks too."""

    organization: Organization
    key: str
    ids: dict[str, str]
    marks: tuple[str, ...]


def make_tenant(name: str) -> Tenant:
    """`name`: of lower-case letters, in all that has a text. Every number of it begins with
    `number_of(name)`."""
    organization = make_organization(f"{name} & Sons")
    number = f"{number_of(name)}01"
    owner = make_member(organization, user=make_user(f"owner@{name}.example.com"))
    key = make_api_key(organization, member=owner)
    client = Client(headers={"X-API-Key": key.secret}, HTTP_USER_AGENT=f"agent-of-{name}")

    def post(path: str, **body: Any) -> dict[str, Any]:
        answer = client.post(f"/v1/{path}", body, content_type="application/json")
        assert answer.status_code < 300, answer.content
        return answer.json()["data"]

    bind = {"host": "127.0.0.1", "system_id": f"{name}-acct", "password": f"{name}-pass"}
    credential = post("messaging/smpp/credentials", name=f"{name} trunk", **bind)["id"]
    carrier_body = {"name": f"{name} road", "credential_id": credential, "countries": ["*"]}
    carrier = post("messaging/smpp/carriers", **carrier_body)["id"]
    own = post("numbers", number=f"{number_of(name)}03", credential_id=credential)["id"]
    opted_out = post("opt-outs", number=f"{number_of(name)}09", reason=f"{name} says no")["id"]
    test = post(f"messaging/smpp/carriers/{carrier}/test", to=number, **{"from": number})["id"]
    members = [{"sender": f"{name}-corp"}, {"sender": f"{number_of(name)}02"}]
    pool = post("messaging/sender-pools", name=f"{name} pool", members=members)
    hook = post("webhooks", url=f"https://127.0.0.1/{name}-hook", events=["*"])
    post(f"webhooks/{hook['id']}/test")
    campaign = post(
        "campaigns", name=f"{name} sale", body=f"{name} says {{{{hi}}}}", sender_pool_id=pool["id"],
        recipients=[{"to": number, "variables": {"hi": f"{name}-value"}}],
    )["id"]  # fmt: skip
    message = post(
        "messages/sms", to=number, body=f"{name} text", sender_pool_id=pool["id"],
        metadata={"of": f"{name}-meta"},
    )["id"]  # fmt: skip
    other_key = post("settings/api-keys", name=f"{name} key", scopes=["credentials:read"])
    client.patch("/v1/messaging/smpp/access", {"enabled": True}, content_type="application/json")
    _strays(organization, credential, number, name)
    recipient, silence = _notices(organization, name)
    ids = {
        "campaign_id": campaign, "carrier_id": carrier, "credential_id": credential,
        "delivery_id": Delivery.objects.get(webhook=hook["id"]).pk, "key_id": other_key["id"],
        "message_id": message, "number": number, "number_id": own, "opt_out_id": opted_out,
        "pool_id": pool["id"], "recipient_id": recipient, "silence_id": silence, "test_id": test,
        "to": number, "user_id": str(owner.user_id), "webhook_id": hook["id"],
    }  # fmt: skip
    secrets = [key.secret, other_key["key"], hook["signing_secret"]]
    found = [each for each_name, each in ids.items() if each_name != "user_id"]
    more = [organization.pk, key.key.pk, name, number_of(name), *(m["id"] for m in pool["members"])]
    return Tenant(organization, key.secret, ids, (*found, *more, *secrets))


def number_of(name: str) -> str:
    """The beginning of an organisation's numbers."""
    return f"+336399{sum(map(ord, name)) % 1000:03}"


def _strays(organization: Organization, credential: str, number: str, name: str) -> None:
    """What carriers have sent them."""
    now = timezone.now()
    came = {"account": f"{name}-acct", "raw": "00", "log": name, "received_at": now}
    InboundPdu.objects.create(
        organization=organization, credential_id=credential, source=number[1:], destination="38080",
        esm_class=0, data_coding=0, fields={}, tlvs=[], digest="d", number=next(_numbers), **came,
    )  # fmt: skip
    StrayReceipt.objects.create(
        organization=organization, kind="unmatched", numbers=[number[1:]], text=f"id:{name}",
        number=next(_numbers), **came,
    )  # fmt: skip


def _notices(organization: Organization, name: str) -> tuple[str, str]:
    """Who is told of its incidents, and when nobody is. Only people who sign in can set these."""
    url = f"jsons://{name}-told.example.com"
    recipient = NoticeRecipient.objects.create(
        organization=organization, name=f"{name} ops", url=url, scheme="jsons"
    )
    now = timezone.now()
    silence = NoticeSilence.objects.create(
        organization=organization, start=now, end=now + timedelta(hours=1), why=f"{name} move"
    )
    return recipient.pk, silence.pk


def make_run(tenant: Tenant) -> str:
    """The id of a pass that changed what is the tenant's: for operators alone."""
    gateway = Gateway.objects.create(
        name="main", jcli_host="127.0.0.1", jcli_password="hidden", http_url="http://127.0.0.1:1"
    )
    change = {
        "kind": "connector", "action": "create", "fields": [], "outcome": "done", "key": "obx",
        "reason": "missing", "drops_bind": False,
    }  # fmt: skip
    run = Run.objects.create(
        gateway=gateway, trigger="push", state="applied", started_at=timezone.now(),
        organization_id=tenant.organization.pk, changes=[change],
    )  # fmt: skip
    return run.pk


def callers(tenant: Tenant) -> dict[str, dict[str, str]]:
    """Headers by kind of caller."""
    organization = tenant.organization

    def signed_in(role: str) -> dict[str, str]:
        member = make_member(organization, role=role)
        return {"Authorization": f"Bearer {make_session(member).access}"}

    few = make_api_key(organization, scopes=FEW_SCOPES)
    return {
        "owner": signed_in("owner"),
        "developer": signed_in("developer"),
        "viewer": signed_in("viewer"),
        "key": {"X-API-Key": tenant.key},
        "key of few scopes": {"X-API-Key": few.secret},
        "operator": {"X-API-Key": make_operator_key().secret},
        "stranger": {},
        "wrong key": {"X-API-Key": "dv_live_sk_" + "0" * 43},
        "wrong token": {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    }


@contextmanager
def undone() -> Iterator[None]:
    """What a request inside wrote is rolled back, so that the next one finds all as it was.

    Like a test's own transaction, it is none that a claim of an Idempotency-Key would miss.
    """
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)
