"""The routes of webhooks: what is answered, kept and audited."""

from __future__ import annotations

import pytest

from messaging.webhooks.models import EventType, Webhook
from tests.messaging.callers import data, refusal
from tests.messaging.webhooks.conftest import (
    BODY,
    OPEN,
    audit_rows,
    emit,
    make_due,
    stored,
)

WHOLE = {"url": OPEN, "events": ["message.failed"], "description": "", "active": True}


# -- create -----------------------------------------------------------------------------------


def test_a_new_one_shows_its_secret_once(api):
    answer = api.post("", {"url": OPEN, "events": ["message.sent", "message.sent"]})

    made = answer.json()["data"]
    assert answer.status_code == 201
    assert answer["Location"] == f"/v1/webhooks/{made['id']}"
    assert answer["Cache-Control"] == "no-store"
    assert made["signing_secret"].startswith("whsec_") and len(made["signing_secret"]) > 40
    assert (made["url"], made["events"]) == (OPEN, ["message.sent"])
    assert (made["description"], made["active"]) == ("", True)
    again = api.get(f"/{made['id']}")
    assert again["ETag"] == answer["ETag"]
    assert data(again) == {name: made[name] for name in made if name != "signing_secret"}
    assert made["signing_secret"] not in api.get().content.decode()
    (row,) = audit_rows()
    assert (row.action, row.target, row.changes) == (
        "webhook.created",
        made["id"],
        ["url", "events", "description", "active"],
    )


def test_the_secret_is_ciphertext_in_the_database(api):
    made = api.add()
    (row,) = Webhook.objects.values_list("secret")
    assert made["signing_secret"].encode() not in bytes(row[0])
    assert stored(made["id"]).secret == made["signing_secret"]


def test_the_first_answer_comes_again_with_its_secret(api):
    first, second = (api.post("", WHOLE, Idempotency_Key="once") for _ in range(2))
    assert second["Idempotency-Replayed"] == "true"
    assert second.content == first.content
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "MISSING_REQUIRED_FIELD", "url"),
        (BODY | {"url": "https://10.0.0.1/"}, "INVALID_WEBHOOK_URL", "url"),
        (BODY | {"url": "https://[::ffff:169.254.169.254]/"}, "INVALID_WEBHOOK_URL", "url"),
        (BODY | {"url": "ftp://example.com/"}, "INVALID_WEBHOOK_URL", "url"),
        (BODY | {"url": "https://me:s3cret@example.com/"}, "INVALID_WEBHOOK_URL", "url"),
        (BODY | {"url": ""}, "VALIDATION_ERROR", "url"),
        (BODY | {"url": 1}, "VALIDATION_ERROR", "url"),
        (BODY | {"url": None}, "VALIDATION_ERROR", "url"),
        ({"url": OPEN}, "MISSING_REQUIRED_FIELD", "events"),
        ({"url": OPEN, "events": []}, "VALIDATION_ERROR", "events"),
        ({"url": OPEN, "events": "*"}, "VALIDATION_ERROR", "events"),
        ({"url": OPEN, "events": ["*", "message.sent"]}, "VALIDATION_ERROR", "events"),
        ({"url": OPEN, "events": ["webhook.test"]}, "VALIDATION_ERROR", "events"),
        (WHOLE | {"description": "x" * 256}, "VALIDATION_ERROR", "description"),
        (WHOLE | {"active": "yes"}, "VALIDATION_ERROR", "active"),
        (WHOLE | {"signing_secret": "mine"}, "VALIDATION_ERROR", "signing_secret"),
    ],
)
def test_what_is_refused_names_its_field(api, body, code, field):
    hook = api.add()
    for answer in (api.post("", body), api.put(f"/{hook['id']}", body)):
        error = refusal(answer, 422, code)
        assert error["details"]["field"].partition("[")[0] == field
        assert error["details"]["expected"]
        assert "s3cret" not in answer.content.decode()
    assert Webhook.objects.count() == 1


def test_every_type_can_be_asked_for(api):
    assert api.add(events=EventType.values)["events"] == EventType.values
    assert api.add(events=["*"])["events"] == ["*"]


def test_there_are_not_too_many(api, settings):
    settings.QUOTA_WEBHOOKS = 2
    api.add(), api.add()
    refusal(api.post("", WHOLE), 409, "QUOTA_EXCEEDED")


# -- replace, delete --------------------------------------------------------------------------


def test_put_replaces_the_whole(api):
    hook = api.add(description="Old", active=False)
    answer = api.put(f"/{hook['id']}", {"url": OPEN + "/2", "events": ["*"]})

    now = data(answer)
    assert (now["url"], now["events"]) == (OPEN + "/2", ["*"])
    assert (now["description"], now["active"]) == ("", True)
    assert now["secret"] == hook["secret"]
    assert audit_rows()[-1].changes == ["url", "events", "description", "active"]


def test_a_put_of_what_is_there_changes_nothing(api):
    hook = api.add()
    before = stored(hook["id"]).version
    answer = api.put(f"/{hook['id']}", {n: hook[n] for n in WHOLE})
    assert data(answer) == data(api.get(f"/{hook['id']}"))
    assert stored(hook["id"]).version == before
    assert audit_rows()[-1].changes == []


def test_an_old_etag_changes_nothing(api):
    hook = api.add()
    path, old = f"/{hook['id']}", api.get(f"/{hook['id']}")["ETag"]
    new = api.put(path, WHOLE, If_Match=old)["ETag"]

    for answer in (
        api.put(path, WHOLE | {"active": False}, If_Match=old),
        api.delete(path, If_Match=old),
        api.post(f"{path}/test", If_Match=old),
        api.post(f"{path}/rotate-secret", If_Match=old),
    ):
        refusal(answer, 412, "PRECONDITION_FAILED")
    assert api.get(path)["ETag"] == new
    assert api.delete(path, If_Match=new).status_code == 204


def test_deliveries_leave_the_etag_alone_and_a_rotation_does_not(api, organization, work):
    path = f"/{api.add('http://127.0.0.1:1/')['id']}"
    before = api.get(path)["ETag"]
    emit(organization)
    work()
    assert data(api.get(path))["last_failure"] == "connection refused by 127.0.0.1:1"
    assert api.get(path)["ETag"] == before
    assert api.post(f"{path}/rotate-secret")["ETag"] == api.get(path)["ETag"] != before


def test_what_waits_goes_to_the_new_address(api, organization, server, work):
    hook = api.add("http://127.0.0.1:1/")
    emit(organization)
    work()
    api.put(f"/{hook['id']}", {"url": server.url, "events": ["*"]})
    make_due()
    work()

    assert len(server.posts) == 1
    assert api.deliveries(hook["id"])[0]["url"] == server.url


def test_what_waits_for_one_that_is_switched_off_is_given_up(api, organization, server, work):
    hook = api.add(server.url)
    emit(organization)
    api.put(f"/{hook['id']}", WHOLE | {"active": False})
    work()

    (left,) = api.deliveries(hook["id"])
    assert (left["status"], left["error"]) == ("dead", "the webhook was switched off")
    assert server.posts == []


def test_a_deleted_one_is_gone(api, organization, server, work):
    hook = api.add(server.url)
    emit(organization)
    assert api.delete(f"/{hook['id']}").status_code == 204
    work()

    assert server.posts == []
    for path in ("", "/deliveries"):
        refusal(api.get(f"/{hook['id']}{path}"), 404, "NOT_FOUND")
    assert audit_rows()[-1].action == "webhook.deleted"


def test_the_list_shows_ones_own_only(api, stranger):
    mine, theirs = api.add(), stranger.add()
    assert [row["id"] for row in data(api.get())] == [mine["id"]]
    assert [row["id"] for row in data(stranger.get())] == [theirs["id"]]
