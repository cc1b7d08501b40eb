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
    "throughput": None,
    "window": 1,
    "enquire_link_interval": 300,
    "max_binds": 1,
    "message_id_format": "receipt_hex",
    "gsm_data_coding": 3,
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


def test_the_defaults_are_the_documented_ones(api):
    answer = api.post("", ACCOUNT)

    assert answer.status_code == 201
    data = answer.json()["data"]
    times = {name: data.pop(name) for name in ("created_at", "updated_at")}
    set_at = data["password"].pop("set_at")
    assert data == {
        "id": data["id"],
        "name": "acme@127.0.0.1",
        "host": "127.0.0.1",
        "port": 2775,
        "system_id": "acme",
        "system_type": "",
        "bind_type": "transceiver",
        "tls": False,
        "tls_verified": False,
        "throughput": 50,
        "window": 10,
        "enquire_link_interval": 30,
        "max_binds": None,
        "message_id_format": "same",
        "gsm_data_coding": 0,
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
        "bind": {"state": "unknown", "since": None, "observed_at": None, "error": None},
        "carriers": [],
    }
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


@pytest.mark.parametrize("missing", ["host", "system_id", "password"])
def test_what_is_required_is_named_when_it_is_missing(api, missing):
    body = {name: value for name, value in ACCOUNT.items() if name != missing}
    answer = api.post("", body)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "MISSING_REQUIRED_FIELD"
    assert error["details"]["field"] == missing


def test_the_first_bad_field_in_the_documents_order_gives_the_code(api):
    error = api.post("", {"enabled": 3, "tls": 1, "port": 0, "host": "127.0.0.1"}).json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == "port"
    assert error["details"]["value"] == 0
    fields = [entry["field"] for entry in error["details"]["errors"]]
    assert fields == ["port", "system_id", "password", "tls", "enabled"]


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("port", 0),
        ("port", 65536),
        ("port", "2775"),
        ("port", None),
        ("port", True),
        ("port", 2775.5),
        ("bind_type", "both"),
        ("bind_type", None),
        ("tls", "yes"),
        ("tls", None),
        ("throughput", 0),
        ("throughput", 1001),
        ("throughput", 0.5),
        ("window", 0),
        ("window", 101),
        ("window", None),
        ("enquire_link_interval", 4),
        ("enquire_link_interval", 301),
        ("max_binds", 0),
        ("max_binds", 101),
        ("message_id_format", "hex"),
        ("gsm_data_coding", 2),
        ("gsm_data_coding", "0"),
        ("bind_ton", 7),
        ("bind_ton", -1),
        ("bind_npi", 2),
        ("bind_npi", 19),
        ("addressing", []),
        ("addressing", None),
        ("enabled", "true"),
        ("enabled", None),
        ("system_type", None),
        ("address_range", 33),
        ("password", 12345678),
        ("password", None),
        ("name", None),
        ("name", " "),
    ],
)
def test_a_value_outside_its_limits_is_refused_with_the_field_named(api, field, bad):
    answer = api.post("", ACCOUNT | {field: bad})

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == field
    assert error["details"]["expected"]
    assert [entry["field"] for entry in error["details"]["errors"]] == [field]
    assert Credential.objects.count() == 0


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"long_code": [7, 1]}, "addressing.long_code"),
        ({"short_code": [1, 2]}, "addressing.short_code"),
        ({"destination": [1]}, "addressing.destination"),
        ({"alphanumeric": ["5", 0]}, "addressing.alphanumeric"),
        ({"alphanumeric": None}, "addressing.alphanumeric"),
        ({"plus": 1}, "addressing.plus"),
        ({"toll_free": [1, 1]}, "addressing.toll_free"),
    ],
)
def test_a_bad_part_of_addressing_is_named(api, bad, field):
    answer = api.post("", ACCOUNT | {"addressing": bad})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize("unknown", ["gateway_key", "id", "passwd", "version", "current_password"])
def test_an_unknown_field_is_refused(api, unknown):
    answer = api.post("", ACCOUNT | {unknown: "x"})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == unknown


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


class TestHostPolicy:
    @pytest.mark.parametrize(
        "address", ["10.0.0.1", "169.254.169.254", "::1", "64:ff9b::a00:1", "0.0.0.0", "224.0.0.1"]
    )
    def test_an_address_that_is_not_public_is_refused(self, api, address):
        answer = api.post("", ACCOUNT | {"host": address})
        assert answer.status_code == 422
        details = answer.json()["error"]["details"]
        assert details["field"] == "host"
        assert "not allowed" in details["errors"][0]["message"]
        assert Credential.objects.count() == 0

    def test_a_name_that_stands_for_one_is_refused_with_the_reason(self, api, resolver):
        resolver["smpp.carrier.example"] = ["8.8.8.8", "192.168.1.1"]
        answer = api.post("", ACCOUNT | {"host": "smpp.carrier.example"})
        assert answer.status_code == 422
        assert "192.168.1.1" in answer.json()["error"]["message"]
        assert "is private" in answer.json()["error"]["message"]

    def test_a_public_name_is_taken(self, api, resolver):
        resolver["smpp.carrier.example"] = ["8.8.8.8"]
        assert stored(api.add(host="SMPP.Carrier.Example.")).host == "smpp.carrier.example"

    def test_a_name_that_does_not_resolve_yet_is_taken(self, api, resolver):
        assert api.add(host="not-yet.example")

    def test_a_name_server_that_fails_stops_nobody(self, api, resolver):
        resolver["smpp.carrier.example"] = OSError("no name server")
        assert api.add(host="smpp.carrier.example")

    def test_the_look_up_is_outside_of_any_transaction(self, api, monkeypatch):
        seen = []
        monkeypatch.setattr(
            "messaging.credentials.views.check_host",
            lambda host: seen.append(len(connection.savepoint_ids)),
        )
        depth = len(connection.savepoint_ids)
        api.add()
        assert seen == [depth]
