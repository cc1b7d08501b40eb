"""Gateways and runs as operators see them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from reconciler.models import Gateway, Run
from reconciler.models.runs import RunState
from tests.factories import make_user

pytestmark = pytest.mark.django_db

CHANGE = {
    "kind": "connector",
    "key": "obabc",
    "action": "create",
    "reason": "missing",
    "fields": [],
    "drops_bind": False,
    "outcome": "done",
}


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def gateway() -> Gateway:
    return Gateway.objects.create(
        name="main",
        jcli_host="127.0.0.1",
        jcli_port=8990,
        jcli_username="jcliadmin",
        jcli_password="jcli-s3cret",
        http_url="http://127.0.0.1:1401",
        amqp_url="amqp://main:amqp-s3cret@127.0.0.1/main",
    )


@pytest.fixture
def run(gateway: Gateway) -> Run:
    return Run.objects.create(
        gateway=gateway,
        trigger="beat",
        state=RunState.APPLIED,
        started_at=timezone.now(),
        changes=[CHANGE],
        warnings=["<b>2</b> connector(s) that are not ours are left alone"],
    )


def test_a_run_shows_what_was_done_and_why(console, run):
    assert "beat" in console.get("/admin/reconciler/run/").content.decode()
    page = console.get(f"/admin/reconciler/run/{run.pk}/change/").content.decode()
    assert "+ create  connector obabc            missing  → done" in page
    assert "&lt;b&gt;2&lt;/b&gt; connector(s)" in page


def test_history_is_not_edited(console, run):
    base = "/admin/reconciler/run/"
    assert console.get(f"{base}add/").status_code == 403
    assert console.post(f"{base}{run.pk}/change/", {"trigger": "x"}).status_code == 403
    assert console.post(f"{base}{run.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_gateway_shows_no_secret_and_an_empty_field_keeps_it(console, gateway):
    path = f"/admin/reconciler/gateway/{gateway.pk}/change/"
    page = console.get(path).content.decode()
    assert "s3cret" not in page
    fields = {
        "name": "renamed",
        "jcli_host": "127.0.0.1",
        "jcli_port": 8990,
        "jcli_username": "jcliadmin",
        "http_url": "http://127.0.0.1:1401",
        "smpp_port": 2775,
        "enabled": "on",
    }
    assert console.post(path, fields).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.name, gateway.jcli_password) == ("renamed", "jcli-s3cret")
    assert "amqp-s3cret" in gateway.amqp_url
