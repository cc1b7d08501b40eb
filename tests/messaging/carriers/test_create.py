from __future__ import annotations

import re
from decimal import Decimal

import pytest

from messaging.carriers.models import Carrier
from messaging.countries import COUNTRIES
from tests.messaging.carriers.conftest import URL, Api, audit_rows, make_credential, stored

EVERYTHING = {
    "name": "Orange «FR» 📶",
    "countries": ["MC", "FR"],
    "quality": 100,
    "fallback_order": 100,
    "billing_rate": "0.0045",
    "currency": "EUR",
    "enabled": False,
}


def test_the_defaults_are_the_documented_ones(api, body, credential):
    answer = api.post("", body)

    assert answer.status_code == 201
    data = answer.json()["data"]
    times = {name: data.pop(name) for name in ("created_at", "updated_at")}
    observed_at = data["credential"]["bind"].pop("observed_at")
    assert data == {
        "id": data["id"],
        "name": "Orange FR",
        "credential_id": credential.id,
        "countries": ["FR"],
        "quality": 50,
        "fallback_order": 1,
        "billing_rate": "0",
        "currency": "USD",
        "enabled": True,
        "quality_mode": "off",
        "credential": {
            "id": credential.id,
            "name": credential.name,
            "bind": {"state": "bound", "since": None, "error": None, "bound": 0, "of": 1},
        },
        "sync": {"state": "pending", "error": None},
        "sender_pools": [],
        "routes": [{"country": "FR", "position": 1, "of": 1}],
    }
    assert observed_at is None
    assert re.fullmatch(r"carr_[0-9a-f]{32}", data["id"])
    for moment in times.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)
    assert answer["Location"] == f"{URL}/{data['id']}"
    assert api.get(f"/{data['id']}")["ETag"] == answer["ETag"]


def test_every_field_is_kept_as_it_was_sent(api, body):
    wanted = body | EVERYTHING
    answer = api.post("", wanted)

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert {name: data[name] for name in wanted} == wanted
    assert api.get(f"/{data['id']}").json()["data"] == data


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("0", "0"),
        ("0.00000", "0"),
        ("0.00001", "0.00001"),
        ("0.00450", "0.0045"),
        ("10", "10"),
        ("1000000", "1000000"),
        ("007.50", "7.5"),
        ("9999999.99999", "9999999.99999"),
    ],
)
def test_money_is_answered_without_an_exponent(api, sent, answered):
    carrier_id = api.add(billing_rate=sent)
    assert api.get(f"/{carrier_id}").json()["data"]["billing_rate"] == answered
    assert stored(carrier_id).billing_rate == Decimal(sent)


@pytest.mark.parametrize(
    "countries", [["*"], ["XK"], sorted(COUNTRIES)], ids=["any", "Kosovo", "all"]
)
def test_countries_may_be(api, countries):
    carrier_id = api.add(countries=countries)
    assert api.get(f"/{carrier_id}").json()["data"]["countries"] == countries


def test_several_carriers_may_send_through_one_credential(api, credential):
    first = api.add(credential_id=credential.id)
    second = api.add(credential_id=credential.id)
    assert first != second


def test_a_disabled_credential_may_be_behind_a_carrier(api, organization):
    carrier_id = api.add(credential_id=make_credential(organization, enabled=False).id)
    assert api.get(f"/{carrier_id}").json()["data"]["routes"] == []


def test_a_new_carrier_is_audited_and_pushed(api, body, pushes):
    with pushes() as pushed:
        carrier_id = api.add(**body, quality=60)

    assert pushed == [api.organization.id]
    [row] = audit_rows()
    assert (row.action, row.target, row.outcome) == ("carrier.created", carrier_id, "ok")
    assert row.changes == ["name", "credential_id", "countries", "quality"]
    assert row.actor_id == api.new_key.key.id


def test_a_reader_may_not_add(organization, body):
    reader = Api(organization, scopes=["carriers:read", "carriers:test", "credentials:write"])
    assert reader.post("", body).status_code == 403
    assert Carrier.objects.count() == 0


def test_the_same_idempotency_key_adds_one(api, body):
    first = api.post("", body, Idempotency_Key="one")
    again = api.post("", body, Idempotency_Key="one")
    assert again.status_code == 201
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert len(audit_rows()) == 1
