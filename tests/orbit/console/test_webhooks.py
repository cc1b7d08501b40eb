"""Webhooks in the console: no secret of theirs, and deliveries sent again."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote

from messaging.webhooks.models import Delivery, Webhook
from orbit.console import roles
from tests.orbit.console.conftest import last_event
from tests.orbit.console.traffic import PATH_SECRET

LIST = "/admin/messaging/webhook/"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _traffic(build_once) -> None:
    build_once(60)


def page_of(webhook: Webhook) -> str:
    return f"{LIST}{quote(webhook.pk)}/change/"


def dead() -> Delivery:
    return Delivery.objects.filter(status="dead").first()


def again(delivery: Delivery) -> str:
    return f"/admin/console/webhooks/{delivery.webhook_id}/deliveries/{delivery.pk}/redeliver/"


def test_what_is_dead_is_sent_again_and_the_audit_says_who(operator):
    old = dead()
    before = old.webhook.deliveries.count()
    answer = operator.post(again(old), follow=True)
    assert "message.sent is sent again" in answer.text
    assert old.webhook.deliveries.count() == before + 1
    new = Delivery.objects.first()
    assert (new.event_id, new.status, new.attempts) == (old.event_id, "pending", 0)
    event = last_event()
    assert (event.action, event.target) == ("webhook.redelivered", old.webhook_id)
    assert event.actor_type == "operator"


def test_who_may_only_look_sends_nothing_again(sign_in):
    client, delivery = sign_in(roles.READ_ONLY), dead()
    count = Delivery.objects.count()
    assert client.post(again(delivery)).status_code == 403
    assert (last_event().outcome, Delivery.objects.count()) == ("refused", count)
    text = client.get(page_of(delivery.webhook)).text
    assert "Redeliver" not in text
    assert "the queue is full" not in text  # what a customer's server answers


def test_a_delivery_of_another_webhook_is_not_sent(operator):
    delivery = dead()
    other = Webhook.objects.exclude(pk=delivery.webhook_id).first()
    path = f"/admin/console/webhooks/{other.pk}/deliveries/{delivery.pk}/redeliver/"
    assert operator.post(path).status_code == 404
    assert operator.get(again(delivery)).status_code == 405


@pytest.mark.parametrize("role", list(roles.PERMISSIONS))
def test_signing_secrets_are_nowhere_and_whole_urls_for_those_who_operate(sign_in, role):
    client, webhook = sign_in(role), dead().webhook
    key = Webhook.objects.get(pk=webhook.pk).secret
    pages = [LIST, page_of(webhook), f"/admin/console/webhooks/{webhook.pk}/deliveries/"]
    texts = [client.get(path).text for path in pages]
    assert [text for text in texts if key in text or "whsec_" in text] == []
    assert [PATH_SECRET in text for text in texts] == [False, role != roles.READ_ONLY, False]
    assert all("example.com/…" in text for text in texts[:2])


def test_who_does_not_see_urls_does_not_find_them_either(sign_in):
    looker, operator = sign_in(roles.READ_ONLY), sign_in(roles.OPERATOR)
    for query in ("url__contains=T0K3N", "secret__contains=w", "organization__name=A"):
        assert looker.get(f"{LIST}?{query}").status_code == 400
    count = Webhook.objects.count()
    found = [each.get(f"{LIST}?q=T0K3N").context["cl"].result_count for each in (looker, operator)]
    assert found == [0, count]


def test_deliveries_are_listed_by_state_and_page_by_page(operator):
    webhook = dead().webhook
    waiting = [
        Delivery(event=dead().event, webhook=webhook, url=webhook.url, lane="x",
                 due_at=webhook.created_at)
        for _ in range(30)
    ]  # fmt: skip
    Delivery.objects.bulk_create(waiting)
    path = f"/admin/console/webhooks/{webhook.pk}/deliveries/"
    first = operator.get(path).context
    assert (len(first["deliveries"]), first["older"] != "") == (25, True)
    rest = operator.get(f"{path}?before={first['older']}").context
    every = [*first["deliveries"], *rest["deliveries"]]
    assert len({each.pk for each in every}) == len(every) == min(50, webhook.deliveries.count())
    only = operator.get(f"{path}?status=dead").context["deliveries"]
    assert {each.status for each in only} == {"dead"}
    assert operator.get(f"{path}?before=%00&status=nonsense").status_code == 200


def test_the_list_says_which_are_switched_off(operator):
    webhook = Webhook.objects.filter(active=True).first()
    before = operator.get(LIST).text.count("switched off")
    Webhook.objects.filter(pk=webhook.pk).update(active=False)
    assert operator.get(LIST).text.count("switched off") == before + 1
