"""Who is told what."""

from __future__ import annotations

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

import messaging.enqueue
from messaging.webhooks import enqueue, events
from messaging.webhooks.events import NewEvent
from messaging.webhooks.models import Delivery, Event, Webhook
from tests.factories import make_organization
from tests.messaging.webhooks.conftest import TYPE, emit


def told() -> list[tuple[str, str]]:
    """Type and address of every delivery, in their order."""
    rows = Delivery.objects.order_by("pk").values_list("event__type", "url")
    return list(rows)


def test_an_event_that_no_webhook_wants_is_not_stored(api, organization):
    api.add(events=["message.failed"])
    api.add(active=False)
    emit(make_organization())
    emit(organization)

    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def test_each_one_who_wants_the_type_is_told(api, stranger, organization):
    api.add("https://127.0.0.1/a")
    api.add("https://127.0.0.1/b", events=["*"])
    api.add("https://127.0.0.1/c", events=["campaign.paused"])
    stranger.add("https://127.0.0.1/d")

    emit(organization)
    emit(organization, "campaign.paused")

    assert sorted(told()) == [
        ("campaign.paused", "https://127.0.0.1/b"),
        ("campaign.paused", "https://127.0.0.1/c"),
        ("message.sent", "https://127.0.0.1/a"),
        ("message.sent", "https://127.0.0.1/b"),
    ]
    assert Event.objects.count() == 2


def test_an_own_address_is_told_beside_them(api, organization):
    emit(organization, url="https://127.0.0.1/own")
    api.add("https://127.0.0.1/a")
    emit(organization, url="https://127.0.0.1/own")

    assert [url.rpartition("/")[2] for _, url in told()] == ["own", "a", "own"]


def test_a_batch_takes_three_queries(api, organization, django_assert_num_queries):
    api.add(url="https://127.0.0.1/a")
    api.add(url="https://127.0.0.1/b")
    batch = [
        NewEvent(
            organization_id=organization.pk,
            type=TYPE,
            data={"n": n},
            url=f"https://127.0.0.1/{n}",
        )
        for n in range(20)  # SQLite takes no more at a time
    ]
    with django_assert_num_queries(3):
        events.emit_many(batch)
    assert (Event.objects.count(), Delivery.objects.count()) == (20, 60)
    with django_assert_num_queries(0):
        events.emit_many([])


def test_workers_are_woken_on_commit_once_a_lane(
    api, organization, woken, django_capture_on_commit_callbacks
):
    api.add("https://127.0.0.1/a")
    api.add("https://127.0.0.2/b")
    with django_capture_on_commit_callbacks(execute=True):
        emit(organization)
        assert woken == []
    lanes = {f"{organization.pk} https://127.0.0.{n}" for n in (1, 2)}
    assert set(woken) == lanes and len(woken) == 2

    with django_capture_on_commit_callbacks(execute=True):
        emit(organization)
    assert len(woken) == 2  # tasks for them wait already
    enqueue.begun(woken[0])
    with django_capture_on_commit_callbacks(execute=True):
        emit(organization)
    assert len(woken) == 3


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_rolled_back_is_not_delivered(api, organization, woken):
    api.add()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        emit(organization)
        raise ZeroDivisionError

    assert woken == []
    assert not Event.objects.exists()


def test_a_broker_that_is_away_loses_no_event(
    api, organization, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    api.add()

    class Away:
        def send_task(self, *args: object, **options: object) -> None:
            raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(messaging.enqueue, "current_app", Away())
        with django_capture_on_commit_callbacks(execute=True):
            emit(organization)
    assert "is left to beat" in caplog.text

    assert Delivery.objects.get().status == "pending"


def test_an_organisation_that_goes_takes_all_of_it_along(api, organization):
    api.add()
    emit(organization)
    organization.delete()

    for model in (Webhook, Event, Delivery):
        assert not model.objects.exists()
