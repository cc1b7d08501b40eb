"""POST …/sms: what it refuses, and how."""

from __future__ import annotations

import pytest

from messaging.carriers.models import Carrier
from messaging.messages.models import Message
from messaging.messages.serializers import Metadata
from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.messages.conftest import AMERICA, FRANCE, make_carrier
from tests.messaging.pools.conftest import Api as Pools


@pytest.fixture(autouse=True)
def _nothing_is_made(carrier):
    yield
    assert Message.objects.count() == 0


@pytest.mark.parametrize("field", ["to", "body"])
def test_a_number_and_a_text_are_needed(api, field):
    error = refusal(api.try_to_send(**{field: None}), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == field


@pytest.mark.parametrize("to", ["33639980001", "+331", "hello", "+33 6 39 98 00 01", ""])
def test_a_bad_number_is_refused(api, to):
    error = refusal(api.try_to_send(to=to), 422, "INVALID_PHONE_NUMBER")
    assert error["details"]["field"] == "to"


def test_a_name_is_refused_as_from_where_the_country_refuses_names(api, organization):
    make_carrier(organization, countries=["US"])
    error = refusal(api.try_to_send(to=AMERICA, sender="ACME"), 422, "NO_ELIGIBLE_SENDER")
    assert error["details"]["field"] == "from"
    assert "US refuses alphanumeric senders" in error["message"]


@pytest.mark.parametrize(
    "member",
    [
        {"sender": "ACME", "countries": ["BE"]},
        {"sender": "ACME", "enabled": False},
        {"sender": "38600", "countries": ["BE"]},
    ],
)
def test_from_is_refused_with_the_reason_of_the_named_pools_preview(api, organization, member):
    pools = Pools(organization)
    pool_id = pools.add(member, "+33700000001")
    (candidate, _) = pools.preview(pool_id, FRANCE)["candidates"]
    answer = api.try_to_send(sender=member["sender"], sender_pool_id=pool_id)
    error = refusal(answer, 422, "NO_ELIGIBLE_SENDER")
    assert error["details"]["field"] == "from"
    assert not candidate["eligible"]
    assert candidate["reason"] in error["message"]


@pytest.mark.parametrize(
    ("body", "units", "segments"),
    [
        ("a" * 1531, "1531 septets", 11),
        ("ж" * 671, "671 UTF-16 units", 11),
        ("€" * 761, "1522 septets", 11),  # no escape is cut: a part holds 76
        ("😀" * 334 + "жжж", "671 UTF-16 units", 11),
    ],
)
def test_a_text_that_is_too_long_is_refused_with_the_count(api, body, units, segments):
    error = refusal(api.try_to_send(body=body), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "body"
    assert units in error["message"]
    assert f"{segments} segments" in error["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", ""),
        ("body", " \n"),
        ("body", "a\0b"),
        ("body", "half \ud83d"),
        ("body", 1),
        ("from", ""),
        ("from", "12"),
        ("from", "33612345678"),
        ("from", "twelve chars"),
        ("from", "ACMÉ"),
        ("sender", "ACME"),  # the name of the column is no field
        ("metadata", []),
        ("metadata", "text"),
        ("metadata", {"deep": [{"x": "a\0b"}]}),
        ("metadata", {"a\0b": 1}),
        ("sender_pool_id", 1),
        ("sender_pool_id", ""),
        ("carrier_id", "a\0b"),
        ("status", "sent"),
        ("campaign_id", "cmp_1"),
    ],
)
def test_other_bad_values_are_refused(api, field, value):
    body = {"to": FRANCE, "body": "hello", "from": "ACME", field: value}
    error = refusal(api.post("/sms", body), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_metadata_that_is_too_large_is_refused_with_its_size(api):
    # {"x":"…"} is eight bytes longer than the text, of which é takes two each.
    error = refusal(api.try_to_send(metadata={"x": "é" * 2045}), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "metadata"
    assert "4098 bytes" in error["message"]


def test_names_of_metadata_that_is_too_large_are_not_looked_at(api, monkeypatch):
    seen = []
    monkeypatch.setattr(Metadata, "run_child_validation", lambda self, data: seen.append(data))
    refusal(api.try_to_send(metadata=dict.fromkeys(map(str, range(5000)))), 422, "VALIDATION_ERROR")
    assert not seen


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "example.com/hook",
        "http://example.com/",
        "https://user:password@example.com/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://example.com/" + "x" * 2048,
    ],
)
def test_a_bad_address_for_webhooks_is_refused(api, settings, url):
    settings.WEBHOOK_ALLOW_HTTP, settings.WEBHOOK_ALLOWED_NETWORKS = False, []
    answer = api.try_to_send(webhook_url=url)
    error = refusal(answer, 422, "INVALID_WEBHOOK_URL")
    assert error["details"]["field"] == "webhook_url"
    assert "value" not in error["details"]  # an address often is a secret by itself


def test_pools_and_carriers_of_others_are_as_unknown_ones(api, stranger):
    theirs = {
        "sender_pool_id": Pools(stranger.organization).add("ACME"),
        "carrier_id": Carrier.objects.get(organization=stranger.organization).id,
    }
    for field, prefix in (("sender_pool_id", "pool"), ("carrier_id", "carr")):
        for value in (theirs[field], new_id(prefix), "x"):
            error = refusal(api.try_to_send(**{field: value}), 422, "VALIDATION_ERROR")
            assert error["details"]["field"] == field
            assert error["details"]["value"] == value
            assert "or it is not yours" in error["message"]


def test_no_carrier_for_the_country(api):
    refusal(api.try_to_send(to=AMERICA), 422, "NO_ROUTE")


def test_a_carrier_that_is_switched_off(api, organization):
    off = make_carrier(organization, enabled=False)
    refusal(api.try_to_send(carrier_id=off.id), 422, "NO_ROUTE")


def test_a_carrier_that_is_named_and_does_not_serve_the_country(api, organization):
    other = make_carrier(organization, countries=["US"])
    refusal(api.try_to_send(carrier_id=other.id), 422, "NO_ROUTE")


def test_no_sender_to_send_as(api, organization):
    refusal(api.try_to_send(sender=None), 422, "NO_ELIGIBLE_SENDER")
    empty = Pools(organization).add()
    refusal(api.try_to_send(sender=None, sender_pool_id=empty), 422, "NO_ELIGIBLE_SENDER")


def test_the_first_bad_field_gives_the_code(api):
    body = {"metadata": 1, "from": "!", "body": "", "to": "1", "x": 1}
    error = refusal(api.post("/sms", body), 422, "INVALID_PHONE_NUMBER")
    named = [each["field"] for each in error["details"]["errors"]]
    assert named == ["to", "body", "from", "metadata", "x"]


def test_the_first_bad_field_in_the_documents_order_gives_the_code(api):
    """The address is the last of those that are judged by more than how they are written."""
    bad = {"webhook_url": "https://10.0.0.1/"}
    for field, value, code in (
        ("to", AMERICA, "NO_ROUTE"),
        ("sender", None, "NO_ELIGIBLE_SENDER"),
        ("sender_pool_id", new_id("pool"), "VALIDATION_ERROR"),
        ("carrier_id", new_id("carr"), "VALIDATION_ERROR"),
    ):
        error = refusal(api.try_to_send(**bad | {field: value}), 422, code)
        assert error["details"]["field"] == {"sender": "from"}.get(field, field)
