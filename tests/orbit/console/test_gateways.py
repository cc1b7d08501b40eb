"""A gateway's secrets go where they were meant to go."""

from __future__ import annotations

import pytest

from orbit.console.gateways import GatewayForm
from reconciler.models import Gateway

FORM = {
    "name": "main", "jcli_host": "127.0.0.1", "jcli_port": 8990, "jcli_username": "jcliadmin",
    "jcli_password": "", "http_url": "http://127.0.0.1:1401", "amqp_url": "", "smpp_host": "",
    "smpp_port": 2775, "enabled": "on",
}  # fmt: skip


@pytest.fixture
def gateway(db) -> Gateway:
    return Gateway.objects.create(
        name="main", jcli_host="127.0.0.1", jcli_port=8990, jcli_username="jcliadmin",
        jcli_password="c0ns0le-pw", http_url="http://127.0.0.1:1401",
    )  # fmt: skip


def save(client, gateway: Gateway, **fields: object):
    return client.post(
        f"/admin/reconciler/gateway/{gateway.pk.replace('_', '_5F')}/change/", FORM | fields
    )


@pytest.mark.parametrize(
    "fields",
    [{"jcli_host": "198.51.100.9"}, {"http_url": "http://198.51.100.9:1401"}],
)
def test_another_host_needs_the_password(administrator, gateway, fields):
    answer = save(administrator, gateway, **fields)

    assert answer.status_code == 200
    assert "needs the password of the console" in answer.text
    assert "c0ns0le-pw" not in answer.text
    assert Gateway.objects.get().jcli_host == "127.0.0.1"
    assert Gateway.objects.get().http_url == "http://127.0.0.1:1401"


def test_with_the_password_it_is_changed(administrator, gateway):
    answer = save(administrator, gateway, jcli_host="127.0.0.2", jcli_password="c0ns0le-pw")

    assert answer.status_code == 302
    assert Gateway.objects.get().jcli_host == "127.0.0.2"


def test_a_password_that_is_typed_takes_the_place_of_the_stored_one(gateway):
    """A wrong one is all that a stranger's server is shown."""
    form = GatewayForm(
        FORM | {"jcli_host": "127.0.0.2", "jcli_password": "guess"}, instance=gateway
    )

    assert form.is_valid()
    assert form.save(commit=False).jcli_password == "guess"


def test_what_is_sent_nowhere_changes_without_it(administrator, gateway):
    ports = {"jcli_port": 8991, "http_url": "http://127.0.0.1:1402"}
    answer = save(administrator, gateway, name="first", smpp_host="sms.example.com", **ports)

    assert answer.status_code == 302
    assert Gateway.objects.get().jcli_password == "c0ns0le-pw"


def test_a_new_one_needs_the_password_of_its_console(administrator):
    answer = administrator.post("/admin/reconciler/gateway/add/", FORM)

    assert "A new gateway needs the password of its console." in answer.text
    assert not Gateway.objects.exists()
