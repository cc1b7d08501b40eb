"""/v1/settings/notices: an organisation's own recipients and silences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging.notices import tasks
from messaging.notices.models import NoticeRecipient, NoticeSilence
from orbit.accounts.models import AuditEvent
from tests.factories import make_api_key, make_member, make_session

RECIPIENTS, SILENCES = "/v1/settings/notices/recipients", "/v1/settings/notices/silences"
URL = "jsons://user:s3cr3t-t0ken@1.1.1.1/hook"
BODY = {"name": "On call", "url": URL, "kinds": ["bind", "delivery"], "after": 120}


def signed_in(organization, role: str = "owner") -> Client:
    session = make_session(make_member(organization, role=role))
    return Client(headers={"Authorization": f"Bearer {session.access}"})


@pytest.fixture
def client(organization) -> Client:
    return signed_in(organization)


def post(client: Client, path: str, body: object = None):
    return client.post(path, body or {}, content_type="application/json")


def times(**shift: float) -> dict[str, str]:
    start = timezone.now()
    return {"start": start.isoformat(), "end": (start + timedelta(**shift)).isoformat()}


def test_a_recipient_is_added_and_its_url_is_never_told(client, organization) -> None:
    answer = post(client, RECIPIENTS, BODY)
    listed = client.get(RECIPIENTS)

    made = answer.json()["data"]
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"{RECIPIENTS}/{made['id']}"
    assert (made["scheme"], made["kinds"], made["after"]) == ("jsons", BODY["kinds"], 120)
    assert listed.json()["data"] == [made]
    said = answer.text + listed.text + str(list(AuditEvent.objects.values()))
    assert "s3cr3t" not in said and "1.1.1.1" not in said
    row = NoticeRecipient.objects.get()
    assert (row.organization, row.url) == (organization, URL)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "syslog://s3cr3t"}, "INVALID_FIELD"),
        ({"url": "jsons://user:s3cr3t@10.0.0.1/"}, "INVALID_WEBHOOK_URL"),
        ({"url": "jsons://user:s3cr3t@169.254.169.254/"}, "INVALID_WEBHOOK_URL"),
        ({"kinds": ["disk"]}, "INVALID_FIELD"),
        ({"after": -1}, "INVALID_FIELD"),
        ({"organization": "org_x"}, "UNKNOWN_FIELD"),
    ],
)
def test_what_is_not_taken_is_not_echoed(client, change, code) -> None:
    answer = post(client, RECIPIENTS, BODY | change)

    assert answer.status_code == 422
    assert "s3cr3t" not in answer.text
    assert not NoticeRecipient.objects.exists()


def test_their_number_is_bounded(client, settings) -> None:
    settings.QUOTA_NOTICE_RECIPIENTS = settings.QUOTA_NOTICE_SILENCES = 1
    bodies = {RECIPIENTS: BODY, SILENCES: times(hours=1)}
    for path, body in bodies.items():
        first, second = (post(client, path, body) for _ in range(2))

        assert first.status_code == 201, first.content
        assert second.json()["error"]["code"] == "QUOTA_EXCEEDED"


def test_a_test_is_sent_by_a_worker(
    client, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    queued: list[tuple] = []
    monkeypatch.setattr("messaging.notices.services.send", lambda *task, **_: queued.append(task))
    made = post(client, RECIPIENTS, BODY).json()["data"]

    with django_capture_on_commit_callbacks(execute=True):
        answer = post(client, f"{RECIPIENTS}/{made['id']}/test")

    assert answer.status_code == 202, answer.content
    assert queued == [(tasks.try_out.name, made["id"])]


def test_a_recipient_is_removed(client) -> None:
    made = post(client, RECIPIENTS, BODY).json()["data"]

    assert client.delete(f"{RECIPIENTS}/{made['id']}").status_code == 204
    assert client.delete(f"{RECIPIENTS}/{made['id']}").status_code == 404
    assert not NoticeRecipient.objects.exists()


def test_a_silence_is_planned_and_ended(client, organization) -> None:
    answer = post(client, SILENCES, times(hours=1) | {"kind": "bind", "why": "The carrier moves"})
    made = answer.json()["data"]

    assert answer.status_code == 201, answer.content
    assert client.get(SILENCES).json()["data"] == [made]
    assert NoticeSilence.objects.get().organization == organization
    assert client.delete(f"{SILENCES}/{made['id']}").status_code == 204
    assert client.get(SILENCES).json()["data"] == []


@pytest.mark.parametrize("shift", [{"hours": -1}, {"days": 32}])
def test_a_silence_that_makes_no_sense_is_refused(client, shift) -> None:
    assert post(client, SILENCES, times(**shift)).status_code == 422


@pytest.mark.parametrize(
    ("start", "end", "field", "said"),
    [
        ("2030-03-08T22:00:00Z", "2030-03-09T02:00:00", "end", "Needs an offset"),
        ("2020-03-08T22:00:00Z", "2020-03-09T02:00:00Z", "end", "Has to be in the future"),
    ],
)
def test_a_silence_of_no_clear_or_past_time_is_refused_with_the_reason(
    client, start, end, field, said
) -> None:
    answer = post(client, SILENCES, {"start": start, "end": end})

    error = answer.json()["error"]
    assert (answer.status_code, error["details"]["field"]) == (422, field)
    assert said in error["message"]
    assert not NoticeSilence.objects.exists()


def test_a_service_of_others_is_a_recipient_too(client) -> None:
    tokens = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    answer = post(client, RECIPIENTS, BODY | {"url": f"slack://{tokens}/#ops"})

    assert answer.status_code == 201, answer.content
    assert answer.json()["data"]["scheme"] == "slack"
    assert tokens not in answer.text


def test_another_organisations_are_not_there(client, organization) -> None:
    recipient = NoticeRecipient.objects.create(name="Ops", url=URL, scheme="jsons")
    silence = NoticeSilence.objects.create(
        start=timezone.now(), end=timezone.now() + timedelta(hours=1)
    )

    assert client.get(RECIPIENTS).json()["data"] == client.get(SILENCES).json()["data"] == []
    for path in (f"{RECIPIENTS}/{recipient.pk}", f"{SILENCES}/{silence.pk}"):
        assert client.delete(path).status_code == 404
    assert post(client, f"{RECIPIENTS}/{recipient.pk}/test").status_code == 404


@pytest.mark.parametrize("role", ["developer", "viewer", "billing"])
def test_it_is_for_owners_and_admins_who_are_signed_in(organization, role) -> None:
    other = signed_in(organization, role)
    key = Client(headers={"X-API-Key": make_api_key(organization).secret})

    for caller in (other, key):
        assert caller.get(RECIPIENTS).status_code == 403
        assert post(caller, SILENCES, times(hours=1)).status_code == 403
    assert signed_in(organization, "admin").get(RECIPIENTS).status_code == 200
