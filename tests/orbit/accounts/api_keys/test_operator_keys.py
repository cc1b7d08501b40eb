"""Operator keys are made by a command with limits, listed, and revoked."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from orbit.accounts.models import ApiKey, AuditEvent
from tests.factories import make_api_key, make_operator_key

pytestmark = pytest.mark.django_db

URL = "/v1/settings/operator-keys"
GATEWAYS = "/v1/messaging/smpp/gateways"


def sent_by(secret: str, address: str = "127.0.0.1") -> Client:
    return Client(headers={"X-API-Key": secret}, REMOTE_ADDR=address)


def test_a_key_is_made_with_an_end_and_addresses(capsys):
    call_command(
        "create_operator_key",
        "Grafana",
        "--expires-in",
        "30d",
        "--allow",
        "203.0.113.0/24",
        "--json",
    )
    made = json.loads(capsys.readouterr().out)

    assert sent_by(made["api_key"], "203.0.113.9").get(GATEWAYS).status_code == 200
    assert sent_by(made["api_key"], "198.51.100.1").get(GATEWAYS).status_code == 403
    key = ApiKey.objects.get(pk=made["api_key_id"])
    assert (key.expires_at - key.created_at).days in (29, 30)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(CommandError, match="--allow"):
        call_command("create_operator_key", "Grafana", "--allow", "nowhere")


def test_the_command_lists_and_revokes(capsys):
    new = make_operator_key()
    call_command("operator_keys")
    listed = capsys.readouterr().out
    call_command("operator_keys", "--revoke", new.key.pk)
    call_command("operator_keys")
    left = capsys.readouterr().out

    assert new.key.pk in listed
    assert new.secret not in listed
    assert "revoked" in left
    assert f"{new.key.pk} {new.key.prefix}" not in left
    assert sent_by(new.secret).get(GATEWAYS).status_code == 401
    event = AuditEvent.objects.get(action="api_key.revoked")
    assert (event.target, event.actor_name) == (new.key.pk, "manage.py operator_keys")


def test_the_command_revokes_no_other_key():
    with pytest.raises(CommandError, match="no operator key"):
        call_command("operator_keys", "--revoke", make_api_key().key.pk)


def test_the_api_lists_and_revokes_them_for_operators():
    caller, other = make_operator_key(), make_operator_key()
    client = sent_by(caller.secret)

    listed = client.get(URL)
    answer = client.delete(f"{URL}/{other.key.pk}")

    assert {each["id"] for each in listed.json()["data"]} == {caller.key.pk, other.key.pk}
    assert other.secret not in listed.text
    assert answer.status_code == 204
    assert sent_by(other.secret).get(GATEWAYS).status_code == 401
    assert client.delete(f"{URL}/{other.key.pk}").status_code == 404


def test_the_api_hides_them_from_organisations():
    operator, own = make_operator_key(), make_api_key()
    client = sent_by(own.secret)

    assert client.get(URL).status_code == 404
    assert client.delete(f"{URL}/{operator.key.pk}").status_code == 404
    assert sent_by(operator.secret).delete(f"{URL}/{own.key.pk}").status_code == 404
    assert sent_by(own.secret).get("/v1/me").status_code == 200
