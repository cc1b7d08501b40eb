"""Messages of both directions over the API."""

from __future__ import annotations

import pytest

from messaging.inbound.models import InboundMessage, InboundPdu
from tests.factories import make_organization
from tests.messaging.callers import data, refusal
from tests.messaging.inbound.conftest import OTHER_PHONE, PHONE, SHORT_CODE, UDHI, part
from tests.messaging.messages.conftest import Api, make_message
from tests.openapi import check_answer

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

DETAIL = {"raw", "access_delivery"}  # in the detail alone


@pytest.fixture
def api(organization) -> Api:
    return Api(organization)


@pytest.fixture
def text(text):
    """A text comes: the newest message's id then."""
    return lambda *given, **fields: text(*given, **fields).pk


def ids(answer) -> list[str]:
    return [each["id"] for each in data(answer)]


def test_a_text_is_a_message(api, text, number):
    row = number(keywords=[{"word": "HI"}])
    found = api.read(text(b"Hi 5\x1b\x65"))

    assert found["id"] == found["message_id"]
    assert (found["channel"], found["direction"], found["status"]) == ("sms", "inbound", "received")
    assert (found["from"], found["to"], found["body"]) == (f"+{PHONE}", SHORT_CODE, "Hi 5€")
    assert (found["encoding"], found["segments"], found["complete"]) == ("gsm7", 1, True)
    assert (found["number_id"], found["keyword"]) == (row.pk, "HI")
    assert (found["credential_id"], found["from_is_e164"]) == (row.credential_id, True)
    assert (found["in_reply_to"], found["answer"]) == (None, None)
    assert found["received_at"].endswith("Z")
    check_answer("InboundMessage", {name: found[name] for name in found if name not in DETAIL})


def test_the_octets_are_in_the_detail_alone(api, text):
    message = text(b"\x00\xff", data_coding=4)

    assert api.read(message)["raw"] == {
        "data_coding": 4,
        "esm_class": 0,
        "parts": ["00ff"],
        "tlvs": [],
    }
    (row,) = data(api.get("?direction=inbound"))
    assert row == {name: value for name, value in api.read(message).items() if name not in DETAIL}


def test_raw_has_each_part_in_its_order(api, log):
    for n in (2, 1):
        log.deliver(part(b"%d" % n, n, 2), esm_class=UDHI, source=PHONE, destination=SHORT_CODE)
    log.take()

    found = api.read(InboundMessage.objects.get().pk)
    assert found["raw"]["parts"] == ["0500035a020131", "0500035a020232"]
    assert found["raw"]["esm_class"] == UDHI


def test_direction_says_which_are_listed(api, organization, text):
    first = make_message(organization, status="delivered").pk
    second = text()
    third = make_message(organization, status="failed").pk

    assert ids(api.get()) == ids(api.get("?direction=outbound")) == [third, first]
    assert ids(api.get("?direction=inbound")) == [second]
    assert ids(api.get("?direction=any")) == [third, second, first]
    assert {each["direction"] for each in data(api.get())} == {"outbound"}
    refusal(api.get("?direction=up"), 422, "VALIDATION_ERROR")


def test_pages_of_both_directions_are_one_list(api, organization, text):
    made = [
        make_message(organization).pk if n % 2 else text(b"%d" % n) for n in range(5)
    ][::-1]  # fmt: skip
    found, query = [], "?direction=any&limit=2"
    while True:
        answer = api.get(query)
        found += ids(answer)
        pagination = answer.json()["meta"]["pagination"]
        assert pagination["total"] == 5
        if not pagination["has_more"]:
            break
        query = f"?direction=any&limit=2&cursor={pagination['cursor']}"
    assert found == made

    first = api.get("?direction=any&limit=2").json()["meta"]["pagination"]["cursor"]
    refusal(api.get(f"?direction=inbound&limit=2&cursor={first}"), 400, "INVALID_CURSOR")


def test_filters(api, text, number):
    row = number()
    first, second = text(), text(source=OTHER_PHONE, destination="38081")
    third = text(source="ACME", source_addr_ton=5)

    def found(query: str) -> list[str]:
        return ids(api.get(f"?direction=inbound&{query}"))

    assert found(f"from=%2B{PHONE}") == found("from=0612345678") == [first]
    assert found("from=ACME") == [third]
    assert found("to=38081") == [second]
    assert found(f"number_id={row.pk}") == [third, first]
    assert found("status=received") == [third, second, first]
    assert found("status=sent") == found("carrier_id=carr_1") == found("campaign_id=cmp_1") == []
    assert found("created_before=2020-01-01T00:00:00Z") == []
    assert found("created_after=2020-01-01T00:00:00Z") == [third, second, first]
    assert ids(api.get("?direction=any&to=38081")) == [second]
    assert ids(api.get("?status=received")) == []


@pytest.mark.parametrize("query", ["from=ACME", "number_id=num_1", "from=ACME&direction=any"])
def test_filters_of_texts_need_their_direction(api, query):
    error = refusal(api.get(f"?{query}"), 422, "VALIDATION_ERROR")

    assert "direction=inbound" in error["message"]


def test_a_short_code_is_no_number_to_send_to(api):
    refusal(api.get("?to=38080"), 422, "INVALID_PHONE_NUMBER")


def test_others_see_nothing_of_it(api, text):
    message = text()
    stranger = Api(make_organization())

    refusal(stranger.get(f"/{message}"), 404, "NOT_FOUND")
    for query in ("?direction=inbound", "?direction=any", f"?direction=inbound&from=%2B{PHONE}"):
        assert ids(stranger.get(query)) == []


def test_rights(api, organization, text):
    message = text()
    for role in ("viewer", "billing"):
        reader = Api(organization, role=role)
        assert reader.get("?direction=inbound").status_code == 200
        assert reader.get(f"/{message}").status_code == 200
    other = Api(organization, scopes=["messages:write", "numbers:read"])
    refusal(other.get("?direction=inbound"), 403, "INSUFFICIENT_PERMISSIONS")
    refusal(other.get(f"/{message}"), 403, "INSUFFICIENT_PERMISSIONS")


def test_its_tag_stays(api, text):
    message = text()

    assert api.get(f"/{message}")["ETag"] == api.get(f"/{message}")["ETag"]


def test_a_text_whose_parts_were_deleted_has_no_raw(api, text):
    message = text()
    InboundPdu.objects.all().delete()

    assert api.read(message)["raw"] is None
