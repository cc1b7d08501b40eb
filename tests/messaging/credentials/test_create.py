from __future__ import annotations

import re

import pytest
from django.db import connection

from messaging.credentials.models import Credential, CredentialStatus
from tests.messaging.credentials.conftest import URL, Api, audit_rows, stored

ACCOUNT = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}
EVERYTHING = {
    "name": "Orange FR",
    "host": "127.0.0.2",
    "port": 3550,
    "system_id": "ac me;#",
    "password": "+x\"'\\;#?",
    "system_type": "VMA",
    "bind_type": "transmitter",
    "tls": True,
    "tls_verify": "none",
    "tls_ca": None,
    "tls_server_name": "smpp.orange.example",
    "throughput": None,
    "window": 1,
    "enquire_link_interval": 300,
    "binds": 2,
    "backups": [
        {"host": "127.0.0.3", "port": 2775},
        {"host": "smpp2.orange.example", "port": 3550},
    ],
    "max_binds": 2,
    "message_id_format": "receipt_hex",
    "gsm_data_coding": 3,
    "inbound_charset": "latin1",
    "inbound_parts_timeout": 86_400,
    "tlvs": [
        {"tag": "0x1400", "type": "cstring", "value": "1101234560000012345"},
        {"tag": "0x1401", "type": "octets", "value": "0a1b00"},
        {"tag": "0x0019", "type": "int8", "value": 1},
    ],
    "bind_ton": 6,
    "bind_npi": 18,
    "address_range": "^33.*",
    "addressing": {
        "long_code": [2, 8],
        "short_code": [3, 9],
        "alphanumeric": [5, 1],
        "destination": [0, 0],
        "plus": True,
    },
    "enabled": False,
}
DEFAULTS = {
    "name": "acme@127.0.0.1",
    "host": "127.0.0.1",
    "port": 2775,
    "system_id": "acme",
    "system_type": "",
    "bind_type": "transceiver",
    "tls": False,
    "tls_verify": "full",
    "tls_ca": None,
    "tls_server_name": None,
    "tls_certificate": None,
    "tls_verified": False,
    "throughput": 50,
    "window": 10,
    "enquire_link_interval": 30,
    "max_binds": None,
    "binds": 1,
    "backups": [],
    "message_id_format": "same",
    "gsm_data_coding": 0,
    "inbound_charset": "gsm7",
    "inbound_parts_timeout": 900,
    "tlvs": [],
    "bind_ton": 0,
    "bind_npi": 0,
    "address_range": "",
    "addressing": {
        "long_code": [1, 1],
        "short_code": [3, 0],
        "alphanumeric": [5, 0],
        "destination": [1, 1],
        "plus": False,
    },
    "enabled": True,
    "password": {
        "revealable": True,
        "revealed_at": None,
        "staged_at": None,
        "staged_revealed_at": None,
    },
    "sync": {"state": "pending", "error": None, "synced_at": None, "gateway_id": None},
    "bind": {
        "state": "unknown",
        "since": None,
        "observed_at": None,
        "error": None,
        "bound": 0,
        "of": 1,
        "sessions": [],
    },
    "carriers": [],
}


def test_the_defaults_are_the_documented_ones(api):
    answer = api.post("", ACCOUNT)

    assert answer.status_code == 201
    data = answer.json()["data"]
    times = {name: data.pop(name) for name in ("created_at", "updated_at")}
    set_at = data["password"].pop("set_at")
    assert data == {"id": data["id"], **DEFAULTS}
    assert re.fullmatch(r"cred_[0-9a-f]{32}", data["id"])
    for moment in (*times.values(), set_at):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)
    assert answer["Location"] == f"{URL}/{data['id']}"
    assert api.get(f"/{data['id']}")["ETag"] == answer["ETag"]


def test_every_field_is_kept_as_it_was_sent(api):
    answer = api.post("", EVERYTHING)

    assert answer.status_code == 201
    data = answer.json()["data"]
    written = {name: value for name, value in EVERYTHING.items() if name != "password"}
    assert {name: data[name] for name in written} == written
    assert api.get(f"/{data['id']}").json()["data"] == data
    assert stored(data["id"]).password == EVERYTHING["password"]
    assert api.reveal(data["id"]).json()["data"]["password"] == EVERYTHING["password"]


def test_given_keys_of_addressing_override_the_default(api):
    given = {"alphanumeric": [5, 1], "plus": True}
    credential_id = api.add(addressing=given)
    assert api.get(f"/{credential_id}").json()["data"]["addressing"] == {
        "long_code": [1, 1],
        "short_code": [3, 0],
        "destination": [1, 1],
        **given,
    }


def test_a_default_name_is_cut_to_its_limit(api, resolver):
    host = "smpp." + "a" * 60 + ".example"
    credential_id = api.add(host=host)
    assert stored(credential_id).name == f"acme@{host}"[:64]


def test_the_host_is_kept_in_one_spelling(api):
    assert stored(api.add(host="::ffff:127.0.0.1")).host == "127.0.0.1"


def test_a_new_credential_is_pending_audited_and_pushed(api, pushes):
    with pushes() as pushed:
        credential_id = api.add(name="Mine", port=2776)

    assert pushed == [api.organization.id]
    [row] = audit_rows()
    assert (row.action, row.target, row.outcome) == ("credential.created", credential_id, "ok")
    assert row.changes == ["name", "host", "port", "system_id", "password"]
    assert row.actor_id == api.new_key.key.id
    assert CredentialStatus.objects.get(credential=credential_id).sync_state == "pending"


def test_a_disabled_one_says_so_at_once(api):
    credential_id = api.add(enabled=False)
    assert api.get(f"/{credential_id}").json()["data"]["bind"]["state"] == "disabled"


def test_the_same_account_again_is_refused_naming_the_first(api, pushes):
    first = api.add(host="127.0.0.1")
    with pushes() as pushed:
        answer = api.post("", ACCOUNT | {"host": "::ffff:127.0.0.1", "password": "other"})

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "DUPLICATE_CREDENTIAL"
    assert error["details"] == {"credential_id": first}
    assert pushed == []
    assert Credential.objects.count() == 1
    assert len(audit_rows()) == 1


@pytest.mark.parametrize(
    "other",
    [{"port": 2776}, {"system_id": "acm"}, {"bind_type": "receiver"}, {"host": "127.0.0.2"}],
)
def test_another_port_account_kind_or_host_is_no_duplicate(api, other):
    assert api.add() != api.add(**other)


def test_another_organisation_may_have_the_same_account(api, stranger):
    assert api.add() != stranger.add()


def test_an_account_may_come_back_after_its_deletion(api):
    first = api.add()
    assert api.delete(f"/{first}").status_code == 204
    second = api.add()
    assert stored(first).gateway_key != stored(second).gateway_key


def test_a_reader_may_not_add(organization):
    reader = Api(organization, scopes=["credentials:read"])
    assert reader.post("", ACCOUNT).status_code == 403
    assert Credential.objects.count() == 0


def test_the_same_idempotency_key_adds_one(api):
    first = api.post("", ACCOUNT, Idempotency_Key="one")
    again = api.post("", ACCOUNT, Idempotency_Key="one")
    assert again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert len(audit_rows()) == 1


def test_passwords_are_ciphertext_in_the_database(api):
    credential_id = api.add(password="s3cr3t!!")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT password, gateway_password FROM messaging_credential WHERE id = %s",
            [credential_id],
        )
        row = cursor.fetchone()
    assert all(bytes(value).startswith(b"gAAAAA") for value in row)
