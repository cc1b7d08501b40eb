"""Bodies that POST refuses, and the field that the error names."""

from __future__ import annotations

import pytest
from django.db import connection

from messaging.credentials.models import Credential
from tests.messaging.credentials.conftest import stored

ACCOUNT = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


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
        ("inbound_charset", "utf8"),
        ("inbound_parts_timeout", 59),
        ("inbound_parts_timeout", 86_401),
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
            "messaging.credentials.views.check_hosts",
            lambda places, **owner: seen.append(len(connection.savepoint_ids)),
        )
        depth = len(connection.savepoint_ids)
        api.add()
        assert seen == [depth]
