"""POST …/test: the test that it creates, and its refusals."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from messaging.carrier_tests import enqueue, tasks
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from tests.messaging.at_once import at_once, statuses
from tests.messaging.callers import audited, refusal
from tests.messaging.carrier_tests.conftest import Api, bind, row, rows

pytestmark = pytest.mark.sqlite


@pytest.fixture
def queued(monkeypatch, django_capture_on_commit_callbacks):
    """Ids of the tests that were handed to workers by what committed inside `with`."""
    ids: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, expires: ids.append(args[0]))
    return SimpleNamespace(ids=ids, commit=django_capture_on_commit_callbacks)


def test_a_test_is_queued_and_not_run_here(api, credential, queued, system):
    with queued.commit(execute=True):
        answer = api.test(body="hello €", via="direct")
        assert queued.ids == []  # a task before the commit would find no row
    test = answer.json()["data"]
    assert answer.status_code == 202
    assert re.fullmatch(r"ctst_[0-9a-f]{32}", test["id"])
    assert answer["Location"] == f"{api.url}/{api.carrier.id}/tests/{test['id']}"
    assert queued.ids == [test["id"]]
    assert test == {
        "id": test["id"],
        "carrier_id": api.carrier.id,
        "credential_id": credential.id,
        "via": "direct",
        "force": False,
        "to": "+33612345678",
        "from": "ACME",
        "body": "hello €",
        "status": "queued",
        "steps": [],
        "error": None,
        "smpp_status": None,
        "message_id": None,
        "encoding": "gsm7",
        "segments": 1,
        "pdus": [],
        "tls_verified": False,
        "created_at": test["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    assert system.bind_attempts == 0


def test_it_is_in_the_audit(api):
    test = api.test(via="direct").json()["data"]
    (event,) = audited("carrier.tested")
    assert (event.target, event.outcome) == (api.carrier.id, "ok")
    assert event.detail == f"{test['id']}, direct"
    assert "+336" not in str(event.__dict__)


def test_a_refused_one_leaves_nothing(api, queued):
    with queued.commit(execute=True):
        refusal(api.test(to="+14155552671"), 422, "NO_ROUTE")
    assert (rows().count(), queued.ids, audited("carrier.tested")) == (0, [], [])


def test_a_text_has_a_default(api):
    test = api.test().json()["data"]
    assert test["body"] == "Test message from Orbit"


def test_encoding_and_segments_are_told_at_once(api):
    test = api.test(body="ж" * 71).json()["data"]
    assert (test["encoding"], test["segments"]) == ("ucs2", 2)


@pytest.mark.parametrize(
    ("state", "via"),
    [
        ("bound", "gateway"),
        ("binding", "direct"),
        ("unbound", "direct"),
        ("disabled", "direct"),
        ("unknown", "direct"),
    ],
)
def test_it_goes_as_traffic_goes_if_that_is_up(api, credential, state, via):
    bind(credential, state)
    assert api.test().json()["data"]["via"] == via


def test_one_may_say_which_way(api, credential):
    assert api.test(via="gateway").json()["data"]["via"] == "gateway"
    assert row(rows().get().pk).dlr_token
    assert "dlr_token" not in str(api.get(f"/{api.carrier.id}/tests").content)


@pytest.mark.parametrize("state", ["bound", "binding"])
def test_a_second_bind_where_one_is_allowed_has_to_be_forced(api, credential, state):
    credential.max_binds = 1
    credential.save()
    bind(credential, state)
    error = refusal(api.test(via="direct"), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "force"
    assert "max_binds" in error["message"]
    assert api.test(via="direct", force=True).status_code == 202


@pytest.mark.parametrize(("max_binds", "state"), [(None, "bound"), (2, "bound"), (1, "unbound")])
def test_otherwise_it_has_not(api, credential, max_binds, state):
    credential.max_binds = max_binds
    credential.save()
    bind(credential, state)
    assert api.test(via="direct").status_code == 202


def test_a_disabled_carrier_can_be_tried_before_it_is_switched_on(api, carrier, credential):
    Carrier.objects.update(enabled=False)
    assert api.test().status_code == 202


@pytest.mark.parametrize("to", ["33612345678", "+331", "hello", "+336 12 34 56 78", ""])
def test_a_bad_number_is_refused(api, to):
    error = refusal(api.test(to=to), 422, "INVALID_PHONE_NUMBER")
    assert error["details"]["field"] == "to"


def test_a_number_is_needed(api):
    error = refusal(api.post(f"/{api.carrier.id}/test", {}), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == "to"


@pytest.mark.parametrize("sender", ["12", "33612345678", "twelve chars", "+1", "ACMÉ", "!", ""])
def test_a_bad_sender_is_refused(api, sender):
    error = refusal(api.test(sender=sender), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "from"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"via": "smoke"}, "via"), ({"force": "yes"}, "force"), ({"body": ""}, "body")],
)
def test_other_bad_values_are_refused(api, fields, field):
    assert refusal(api.test(**fields), 422, "VALIDATION_ERROR")["details"]["field"] == field


def test_the_name_of_a_sender_s_column_is_no_field(api):
    body = {"to": "+33612345678", "sender": "ACME"}
    assert refusal(api.post(f"/{api.carrier.id}/test", body), 422, "VALIDATION_ERROR")


def test_a_text_that_is_too_long_is_refused_with_the_count(api):
    error = refusal(api.test(body="a" * 1531), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == "body"
    assert "1531 septets" in error["message"]
    assert "11 segments" in error["message"]


@pytest.mark.parametrize("to", ["+14155552671", "+447911123456"])
def test_a_country_that_the_carrier_does_not_serve_is_refused(api, to):
    error = refusal(api.test(to=to), 422, "NO_ROUTE")
    assert error["details"]["countries"] == ["FR"]


def test_a_carrier_for_any_country_takes_any(api):
    Carrier.objects.update(countries=["*"])
    assert api.test(to="+14155552671").status_code == 202


def test_without_a_sender_there_has_to_be_a_pool(api, organization):
    refusal(api.test(sender=None), 422, "NO_ELIGIBLE_SENDER")
    pool = SenderPool.objects.create(organization=organization, name="Short codes")
    PoolMember.objects.create(pool=pool, sender="38600", type="short_code", position=0)
    PoolCarrier.objects.create(pool=pool, carrier=api.carrier)
    assert api.test(sender=None).json()["data"]["from"] == "38600"


def test_one_test_at_a_time(api):
    first = api.test().json()["data"]["id"]
    error = refusal(api.test(), 409, "INVALID_STATE")
    assert error["details"] == {"test_id": first}
    assert first in error["message"]


def test_another_carrier_of_the_same_credential_waits_too(api, organization, credential):
    other = Carrier.objects.create(
        organization=organization, credential=credential, name="US", countries=["US"]
    )
    first = api.test().json()["data"]["id"]
    api.carrier = other
    error = refusal(api.test(to="+14155552671"), 409, "INVALID_STATE")
    assert error["details"] == {"test_id": first}


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_taken(api):
    found = statuses(at_once(6, lambda number: api.test(via="direct")))
    assert found == {202: 1, 409: 5}
    assert rows().count() == 1


def test_the_same_request_again_gets_the_first_answer(api, queued):
    with queued.commit(execute=True):
        answers = [
            api.post(
                f"/{api.carrier.id}/test",
                {"to": "+33612345678", "from": "ACME"},
                Idempotency_Key="once",
            )
            for _ in range(2)
        ]
    assert answers[0].json()["data"] == answers[1].json()["data"]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert len(queued.ids) == 1


def test_a_broker_that_is_away_loses_nothing(
    api, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def away(name: str, args: tuple, expires: float) -> None:
        raise OperationalError("nobody there")

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.test()
    assert answer.status_code == 202
    assert row(answer.json()["data"]["id"]).status == "queued"
    assert "is left to beat" in caplog.text


def test_a_task_is_told_an_id_and_nothing_else(api, credential, monkeypatch):
    told = []
    monkeypatch.setattr(
        current_app, "send_task", lambda *args, **options: told.append((args, options))
    )
    enqueue.start("ctst_1")
    assert told == [((tasks.run.name, ("ctst_1",)), {"expires": 300.0})]


@pytest.mark.parametrize("scope", ["carriers:read", "carriers:write"])
def test_it_needs_its_own_scope(organization, carrier, scope):
    refusal(Api(organization, carrier, scopes=[scope]).test(), 403, "INSUFFICIENT_PERMISSIONS")
    assert Api(organization, carrier, scopes=["carriers:test"]).test().status_code == 202


@pytest.mark.parametrize("role", ["viewer", "billing"])
def test_who_may_only_look_may_not_test(organization, carrier, role):
    refusal(Api(organization, carrier, role=role).test(), 403, "INSUFFICIENT_PERMISSIONS")


def test_another_organisation_s_carrier_is_not_there(stranger):
    refusal(stranger.test(), 404, "NOT_FOUND")
    refusal(stranger.test(to="nonsense"), 404, "NOT_FOUND")
    assert CarrierTest.objects.count() == 0


def test_a_text_that_is_too_long_in_the_alphabet_of_this_carrier_is_refused(api, credential):
    """Ten segments of seven bits a character are twelve of eight."""
    body = "x" * 1530
    assert api.test(via="direct", body=body).status_code == 202
    CarrierTest.objects.all().delete()
    credential.gsm_data_coding = 3
    credential.save()

    refused = refusal(api.test(via="direct", body=body), 422, "VALIDATION_ERROR")
    assert refused["details"]["field"] == "body"
    assert not CarrierTest.objects.exists()
