"""Posts as the other side sees them, and what comes of each answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from orbit_sdk import OrbitWebhookSignatureError

from messaging.webhooks import delivery as delivering
from messaging.webhooks.models import Delivery, Event, Webhook
from tests.factories import lose_key
from tests.messaging.callers import data
from tests.messaging.webhooks.conftest import OwnSecret, emit, make_due, stored, the_delivery
from tests.messaging.webhooks.server import say


def waits(delivery: Delivery) -> timedelta:
    """How long after its attempt the next one comes."""
    return delivery.due_at - delivery.attempted_at


def test_the_official_client_verifies_what_comes(api, organization, server, work):
    hook = api.add(server.url + "?a=b")

    emit(organization, data={"message_id": "msg_1", "body": "Grüße 🙂 \u2028"})
    work()

    (post,) = server.posts
    event, delivery = Event.objects.get(), the_delivery()
    assert post.verified(hook["signing_secret"]) == {
        "id": event.pk,
        "type": "message.sent",
        "created_at": f"{event.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "data": {"message_id": "msg_1", "body": "Grüße 🙂 \u2028"},
    }
    assert post.path == "/hook?a=b"
    signature = post.headers.pop("X-Devotel-Signature")
    assert signature.startswith("t=") and signature.count("v1=") == 1
    assert post.headers == {
        "Host": f"127.0.0.1:{server.port}",
        "Content-Length": str(len(post.body)),
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": delivering.USER_AGENT,
        "X-Devotel-Event-Id": event.pk,
        "X-Devotel-Event-Type": "message.sent",
        "X-Devotel-Delivery-Id": delivery.pk,
    }
    assert (delivery.status, delivery.attempts, delivery.error) == ("delivered", 1, "")
    assert (delivery.response_status, delivery.response_body) == (200, "ok")
    assert stored(hook["id"]).last_success_at == delivery.attempted_at
    assert stored(hook["id"]).last_failure_at is None


def test_in_the_grace_of_a_rotation_both_secrets_verify(api, organization, server, work):
    hook = api.add(server.url)
    new = data(api.post(f"/{hook['id']}/rotate-secret"))["signing_secret"]
    emit(organization)
    work()

    (post,) = server.posts
    first, last = [
        part.removeprefix("v1=") for part in post.headers["X-Devotel-Signature"].split(",")[1:]
    ]
    time_only = post.headers["X-Devotel-Signature"].partition(",")[0]
    for secret, digest in ((new, first), (hook["signing_secret"], last)):
        post.headers["X-Devotel-Signature"] = f"{time_only},v1={digest}"
        assert post.verified(secret)["type"] == "message.sent"


@pytest.mark.parametrize("end", ["no grace", "grace over"])
def test_after_the_grace_the_new_one_alone_does(api, organization, server, work, end):
    hook = api.add(server.url)
    hours = 0 if end == "no grace" else 1
    answer = api.post(f"/{hook['id']}/rotate-secret", {"grace_hours": hours})
    Webhook.objects.filter(previous_until__isnull=False).update(previous_until=timezone.now())
    emit(organization)
    work()

    (post,) = server.posts
    assert post.verified(data(answer)["signing_secret"])
    with pytest.raises(OrbitWebhookSignatureError):
        post.verified(hook["signing_secret"])


def test_a_message_s_own_address_is_signed_with_the_organisation_s_secret(
    organization, server, work
):
    secret = OwnSecret(organization).make()
    emit(organization, url=server.url)
    work()

    assert server.posts[0].verified(secret)["data"] == {"message_id": "msg_1"}
    assert (the_delivery().webhook_id, the_delivery().status) == (None, "delivered")


def test_without_that_secret_nothing_is_signed(organization, server, work):
    emit(organization, url=server.url)
    work()

    assert "X-Devotel-Signature" not in server.posts[0].headers
    assert the_delivery().status == "delivered"


# -- failures ---------------------------------------------------------------------------------


def test_a_failure_is_tried_again_on_the_schedule_and_then_dead(api, organization, server, work):
    hook = api.add(server.url)
    server.answer = lambda handler: say(handler, 503, b"later")
    emit(organization)
    waited = []
    for _ in range(7):
        make_due()
        work()
        if the_delivery().status == "pending":
            waited.append(round(waits(the_delivery()).total_seconds() / 60))

    assert waited == [1, 5, 30, 120, 480, 1440]
    last = the_delivery()
    assert (last.status, last.attempts, last.error) == ("dead", 7, "answered with 503")
    assert (last.response_status, last.response_body) == (503, "later")
    assert len(server.posts) == 7
    assert len({post.body for post in server.posts}) == 1
    shown = data(api.get(f"/{hook['id']}"))
    assert shown["active"] and shown["last_success_at"] is None
    assert shown["last_failure"] == "answered with 503" and shown["last_failure_at"]
    make_due()
    work()
    assert len(server.posts) == 7


def test_a_late_success_is_one(api, organization, server, work):
    hook = api.add(server.url)
    server.answer = lambda handler: say(handler, 500)
    emit(organization)
    work()
    server.answer = say
    make_due()
    work()

    assert (the_delivery().status, the_delivery().attempts) == ("delivered", 2)
    shown = stored(hook["id"])
    assert shown.last_success_at > shown.last_failure_at


def test_a_retry_that_is_not_due_waits(api, organization, server, work):
    api.add(server.url)
    server.answer = lambda handler: say(handler, 500)
    emit(organization)
    work()
    work()

    assert len(server.posts) == 1


def test_a_redirect_is_an_answer_and_is_not_followed(api, organization, server, work):
    api.add(server.url)
    server.answer = lambda handler: say(handler, 307, Location=server.url)
    emit(organization)
    work()

    assert len(server.posts) == 1
    assert the_delivery().error == "answered with 307: redirects are not followed"


def test_an_address_that_is_forbidden_by_now_is_not_connected_to(
    api, organization, server, work, settings
):
    api.add(server.url)
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    emit(organization)
    work()

    assert server.posts == []
    assert "127.0.0.1 is not allowed" in the_delivery().error


def test_nor_one_without_tls_when_that_is_forbidden_by_now(
    api, organization, server, work, settings
):
    api.add(server.url)
    settings.WEBHOOK_ALLOW_HTTP = False
    emit(organization)
    work()

    assert server.posts == []
    assert the_delivery().error == "Only https:// is posted to."


def test_a_secret_that_cannot_be_read_is_said_so(api, organization, server, work):
    hook = api.add(server.url)
    lose_key(stored(hook["id"]), "secret")
    emit(organization)
    work()

    assert server.posts == []
    assert the_delivery().error == "the signing secret cannot be read: rotate it"
    secret = data(api.post(f"/{hook['id']}/rotate-secret"))["signing_secret"]
    make_due()
    work()
    assert server.posts[0].verified(secret)


def test_a_fault_of_ours_costs_one_attempt(api, organization, server, work, monkeypatch, caplog):
    api.add(server.url)
    monkeypatch.setattr(delivering, "signature", lambda *args, **named: 1 / 0)
    emit(organization)
    work()

    assert "a fault of ours" in the_delivery().error
    assert "ZeroDivisionError" in caplog.text


def test_what_was_sent_is_what_was_written(api, organization, server, work):
    api.add(server.url)
    emit(organization)
    work()

    event = Event.objects.get()
    assert server.posts[0].body.decode() == event.body
    assert event.body.isascii()
    assert list(json.loads(event.body)) == ["id", "type", "created_at", "data"]
