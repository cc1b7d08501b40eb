"""/v1/numbers."""

from __future__ import annotations

import pytest
from django.db import transaction

from messaging.credentials.models import Credential
from messaging.own_numbers import services, suggestions
from messaging.own_numbers.models import OwnNumber
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.factories import make_organization
from tests.messaging.callers import Caller, audited, data, refusal
from tests.messaging.carriers.conftest import make_credential
from tests.messaging.messages.conftest import make_carrier
from tests.messaging.own_numbers.conftest import Api
from tests.openapi import check_answer

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

HOOK = "https://9.9.9.9/hook"


def test_the_defaults_are_the_documented_ones(api):
    credential = make_credential(api.organization)

    found = api.add(credential_id=credential.pk)

    times = {found.pop("created_at"), found.pop("updated_at")}
    assert all(each.endswith("Z") for each in times)
    assert found == {
        "id": found["id"],
        "number": "+33700000001",
        "countries": [],
        "credential_id": credential.pk,
        "route": "webhook",
        "webhook_url": None,
        "keywords": [],
        "default_answer": None,
    }
    assert found["id"].startswith("num_")


def test_everything_that_is_given_is_kept(api):
    fields = {
        "number": "38080",
        "countries": ["FR", "BE"],
        "route": "both",
        "webhook_url": HOOK,
        "keywords": [{"word": "Info", "answer": "Here."}, {"word": "#1", "webhook_url": HOOK}],
        "default_answer": "Write INFO.",
    }
    found = api.add(**fields)

    keywords = [
        {"word": "Info", "webhook_url": None, "answer": "Here."},
        {"word": "#1", "webhook_url": HOOK, "answer": None},
    ]
    assert {name: found[name] for name in fields} == fields | {"keywords": keywords}
    assert data(api.get(f"/{found['id']}")) == found
    check_answer("Number", found)
    (row,) = audited("number.")
    assert (row.action, row.target) == ("number.created", found["id"])
    assert HOOK not in f"{row.changes} {row.detail}"


def test_a_number_is_read_as_its_reader_sees_it(api):
    assert api.add(number="\u202a+33\u200b700000001\u202c")["number"] == "+33700000001"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"number": None}, "number", "MISSING_REQUIRED_FIELD"),
        ({"credential_id": None}, "credential_id", "MISSING_REQUIRED_FIELD"),
        ({"number": "ACME"}, "number", "VALIDATION_ERROR"),
        ({"number": "0612345678"}, "number", "VALIDATION_ERROR"),
        ({"number": "+330612345678"}, "number", "VALIDATION_ERROR"),
        ({"number": "38080"}, "countries", "VALIDATION_ERROR"),
        ({"countries": ["FR"]}, "countries", "VALIDATION_ERROR"),
        ({"number": "38080", "countries": ["XX"]}, "countries[0]", "VALIDATION_ERROR"),
        ({"credential_id": "cred_1"}, "credential_id", "VALIDATION_ERROR"),
        ({"credential_id": "cred_\x001"}, "credential_id", "VALIDATION_ERROR"),
        ({"route": "mail"}, "route", "VALIDATION_ERROR"),
        ({"webhook_url": "ftp://9.9.9.9/"}, "webhook_url", "INVALID_WEBHOOK_URL"),
        ({"webhook_url": "https://10.0.0.1/"}, "webhook_url", "INVALID_WEBHOOK_URL"),
        (
            {"keywords": [{"word": "a", "webhook_url": "https://10.0.0.1/"}]},
            "keywords[0].webhook_url",
            "INVALID_WEBHOOK_URL",
        ),
        ({"keywords": [{"word": "a b"}]}, "keywords[0].word", "VALIDATION_ERROR"),
        ({"keywords": [{"answer": "x"}]}, "keywords[0].word", "MISSING_REQUIRED_FIELD"),
        ({"keywords": [{"word": "a"}, {"word": "A"}]}, "keywords[1].word", "VALIDATION_ERROR"),
        ({"keywords": [{"word": f"w{n}"} for n in range(51)]}, "keywords", "VALIDATION_ERROR"),
        (
            {"keywords": [{"word": "a", "answer": "x" * 1531}]},
            "keywords[0].answer",
            "VALIDATION_ERROR",
        ),
        ({"default_answer": "x" * 1531}, "default_answer", "VALIDATION_ERROR"),
        ({"default_answer": ""}, "default_answer", "VALIDATION_ERROR"),
        ({"colour": "red"}, "colour", "VALIDATION_ERROR"),
    ],
)
def test_what_is_wrong_is_named(api, fields, field, code):
    credential = {"credential_id": make_credential(api.organization).pk}

    error = refusal(api.try_to_add(**credential | fields), 422, code)

    assert error["details"]["field"] == field
    assert OwnNumber.objects.count() == 0


def test_a_number_is_once_on_a_credential(api):
    credential = make_credential(api.organization).pk
    first = api.add(credential_id=credential)
    error = refusal(api.try_to_add(credential_id=credential), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "number"
    assert first["id"] in error["message"]

    second = api.add()  # on another credential
    answer = api.patch(f"/{second['id']}", {"credential_id": credential})
    assert refusal(answer, 422, "VALIDATION_ERROR")["details"]["field"] == "number"


def test_a_transmitter_receives_nothing(api):
    credential = make_credential(api.organization, bind_type="transmitter")

    error = refusal(api.try_to_add(credential_id=credential.pk), 422, "VALIDATION_ERROR")

    assert error["details"]["field"] == "credential_id"
    api.add(credential_id=make_credential(api.organization, bind_type="receiver").pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "+33700000002"),
        ("route", "access"),
        ("webhook_url", None),
        ("keywords", []),
        ("default_answer", None),
        ("default_answer", "Thanks"),
    ],
)
def test_every_field_can_be_changed(api, field, value):
    made = api.add(
        webhook_url=HOOK, keywords=[{"word": "a", "answer": "b"}], default_answer="Hello"
    )

    answer = api.patch(f"/{made['id']}", {field: value})

    assert data(answer)[field] == value
    assert data(api.get(f"/{made['id']}"))[field] == value
    assert audited("number.")[-1].changes == [field]


def test_what_a_change_leaves_out_stays_and_fits_to_what_changes(api):
    made = api.add(number="38080", countries=["FR"], keywords=[{"word": "a", "answer": "b"}])

    assert data(api.patch(f"/{made['id']}", {"route": "both"}))["keywords"] == made["keywords"]
    refusal(api.patch(f"/{made['id']}", {"countries": []}), 422, "VALIDATION_ERROR")
    refusal(api.patch(f"/{made['id']}", {"number": "+33700000001"}), 422, "VALIDATION_ERROR")
    changed = api.patch(f"/{made['id']}", {"number": "+33700000001", "countries": []})
    assert data(changed)["number"] == "+33700000001"


def test_if_match_is_asked(api):
    made = api.add()
    tag = api.get(f"/{made['id']}")["ETag"]
    assert api.patch(f"/{made['id']}", {"route": "both"}, If_Match=tag).status_code == 200

    late = api.patch(f"/{made['id']}", {"route": "access"}, If_Match=tag)
    refusal(late, 412, "PRECONDITION_FAILED")
    refusal(api.delete(f"/{made['id']}", If_Match=tag), 412, "PRECONDITION_FAILED")


def test_a_number_is_deleted(api):
    made = api.add()

    assert api.delete(f"/{made['id']}").status_code == 204

    assert api.get(f"/{made['id']}").status_code == 404
    assert audited("number.")[-1].action == "number.deleted"


def test_the_list_and_its_filters(api):
    first = api.add()
    second = api.add(number="38080", countries=["FR"], route="access")

    def ids(query: str) -> list[str]:
        return [each["id"] for each in api.get(query).json()["data"]]

    assert ids("") == [second["id"], first["id"]]
    assert ids("?route=access") == [second["id"]]
    assert ids("?q=3370") == [first["id"]]
    assert ids(f"?credential_id={first['credential_id']}") == [first["id"]]
    refusal(api.get("?number=1"), 422, "VALIDATION_ERROR")


def test_a_credential_that_numbers_receive_by_is_not_deleted(api, organization):
    made = api.add()
    credentials = Caller(organization)
    credentials.url = "/v1/messaging/smpp/credentials"

    error = refusal(credentials.delete(f"/{made['credential_id']}"), 409, "CREDENTIAL_IN_USE")
    assert error["details"] == {"number_ids": [made["id"]]}

    api.delete(f"/{made['id']}")
    assert credentials.delete(f"/{made['credential_id']}").status_code == 204


def test_senders_to_which_people_can_write_back_are_offered(api, organization):
    carrier = make_carrier(organization)
    silent = make_carrier(organization)
    Credential.objects.filter(pk=silent.credential_id).update(bind_type="transmitter")
    members = [
        {"sender": "+33700000001"},
        {"sender": "38080", "countries": ["FR"]},
        {"sender": "ACME"},
        {"sender": "+33700000002", "enabled": False},
    ]
    pools = Caller(organization)
    pools.url = "/v1/messaging/sender-pools"
    body = {"name": "P", "members": members, "carrier_ids": [carrier.pk, silent.pk]}
    assert pools.post("", body).status_code == 201
    api.add(credential_id=carrier.credential_id)

    (found,) = data(api.get("/suggestions"))["numbers"]

    assert (found["number"], found["countries"]) == ("38080", ["FR"])
    assert found["credential_id"] == carrier.credential_id
    assert data(Api(make_organization()).get("/suggestions")) == {"numbers": []}


def test_no_more_are_suggested_than_an_answer_holds(api, organization, monkeypatch):
    make_carrier(organization)
    pools = Caller(organization)
    pools.url = "/v1/messaging/sender-pools"
    members = [{"sender": f"+3370000000{number}"} for number in range(3)]
    assert pools.post("", {"name": "P", "members": members}).status_code == 201
    monkeypatch.setattr(suggestions, "MOST", 2)

    found = data(api.get("/suggestions"))["numbers"]

    assert [each["number"] for each in found] == ["+33700000000", "+33700000001"]


def test_there_is_a_quota(api, settings):
    settings.QUOTA_NUMBERS = 1
    api.add()

    error = refusal(api.try_to_add(number="+33700000002"), 409, "QUOTA_EXCEEDED")

    assert error["details"] == {"quota": "numbers", "limit": 1, "used": 1}


def test_one_that_was_changed_meanwhile_is_not_deleted(api):
    number = OwnNumber.objects.get(pk=api.add()["id"])
    OwnNumber.objects.update(version=number.version + 1)

    with pytest.raises(ApiError) as refused, transaction.atomic():
        services.delete(by=SYSTEM, number=number)
    assert refused.value.code == "INVALID_STATE"
    assert OwnNumber.objects.exists()
