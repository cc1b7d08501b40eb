"""Tests, the list of deliveries, and doing one again."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from messaging.webhooks.models import Delivery, Event
from tests.messaging.callers import data, refusal
from tests.messaging.webhooks.conftest import Api, audit_rows, emit, make_due


def test_a_test_goes_to_its_webhook_alone_and_once(api, server, work):
    api.add(server.url + "/other", events=["*"])
    hook = api.add(server.url, active=False)
    server.answer = lambda handler: handler.send_error(500)
    answer = api.post(f"/{hook['id']}/test")
    assert answer.status_code == 202
    work()
    make_due()
    work()

    (post,) = server.posts
    event = post.verified(hook["signing_secret"])
    assert (event["type"], event["data"]["webhook_id"]) == ("webhook.test", hook["id"])
    (delivery,) = api.deliveries(hook["id"])
    assert delivery["id"] == answer.json()["data"]["id"]
    assert (delivery["status"], delivery["attempts"]) == ("dead", 1)
    assert delivery["payload"] == event
    assert audit_rows()[-1].action == "webhook.tested"


def test_deliveries_say_what_came_of_them(api, organization, server, work):
    hook = api.add(server.url)
    emit(organization)
    (waits,) = api.deliveries(hook["id"])
    assert (waits["status"], waits["attempts"], waits["response"]) == ("pending", 0, None)
    assert waits["next_attempt_at"] and not waits["last_attempt_at"]
    work()

    (done,) = api.deliveries(hook["id"])
    assert (done["status"], done["attempts"], done["error"]) == ("delivered", 1, None)
    assert (done["response"]["status"], done["response"]["body"]) == (200, "ok")
    assert done["last_attempt_at"] and done["next_attempt_at"] is None
    assert done["payload"]["data"] == {"message_id": "msg_1"}


def test_one_that_is_under_way_has_no_next_attempt(api, organization):
    hook = api.add()
    emit(organization)
    Delivery.objects.update(claim="somebody")
    assert api.deliveries(hook["id"])[0]["next_attempt_at"] is None


def test_deliveries_are_filtered(api, organization, work):
    hook = api.add("http://127.0.0.1:1/", events=["*"])
    emit(organization)
    api.post(f"/{hook['id']}/test")
    work()

    def found(query: str) -> list[str]:
        path = f"/{hook['id']}/deliveries?{query}"
        return [each["event_type"] for each in data(api.get(path))]

    assert found("status=dead") == ["webhook.test"]
    assert found("status=pending") == ["message.sent"]
    assert found("event_type=message.sent") == ["message.sent"]
    assert found("event_type=message.sent&status=dead") == []
    refusal(api.get(f"/{hook['id']}/deliveries?status=lost"), 422, "VALIDATION_ERROR")


def test_what_is_over_is_delivered_again_as_a_new_one(api, organization, server, work):
    hook = api.add(server.url)
    emit(organization)
    work()
    (first,) = api.deliveries(hook["id"])
    answer = api.post(f"/{hook['id']}/deliveries/{first['id']}/redeliver")
    work()

    assert answer.status_code == 202
    second, same = api.deliveries(hook["id"])
    assert same == first
    assert second["id"] == answer.json()["data"]["id"] != first["id"]
    assert second["event_id"] == first["event_id"]
    assert server.posts[0].body == server.posts[1].body
    row = audit_rows()[-1]
    assert (row.action, row.detail) == (
        "webhook.redelivered",
        f"{first['event_id']} as {second['id']}",
    )


def test_what_waits_is_brought_forward(api, organization, server, work):
    hook = api.add(server.url)
    server.answer = lambda handler: handler.send_error(500)
    emit(organization)
    work()
    (first,) = api.deliveries(hook["id"])
    answer = api.post(f"/{hook['id']}/deliveries/{first['id']}/redeliver")
    work()

    assert answer.json()["data"]["id"] == first["id"]
    assert len(server.posts) == 2
    assert [each["attempts"] for each in api.deliveries(hook["id"])] == [2]


def test_a_delivery_of_another_webhook_is_not_found(api, organization):
    hook, other = api.add(), api.add(events=["campaign.paused"])
    emit(organization)
    (delivery,) = api.deliveries(hook["id"])
    for path in (
        f"/{other['id']}/deliveries/{delivery['id']}",
        f"/{hook['id']}/deliveries/dlv_%00",
    ):
        refusal(api.post(f"{path}/redeliver"), 404, "NOT_FOUND")


def test_events_are_forgotten_with_their_deliveries(api, organization, settings, capsys):
    hook = api.add()
    emit(organization)
    emit(organization)
    old = Event.objects.order_by("pk").first()
    days = timedelta(days=settings.RETENTION_MESSAGES_DAYS, minutes=1)
    Event.objects.filter(pk=old.pk).update(created_at=timezone.now() - days)

    call_command("prune")

    assert "webhook_events" in capsys.readouterr().out
    assert [each["event_id"] for each in api.deliveries(hook["id"])] == [Event.objects.get().pk]
    assert Api(organization).get(f"/{hook['id']}").status_code == 200
