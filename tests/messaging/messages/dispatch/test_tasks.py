"""One task of an organisation at a time, and no message that none of them sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from messaging.messages import tasks
from messaging.messages.dispatch import enqueue, run
from messaging.messages.models import Message
from orbit.accounts.models import Organization
from tests.factories import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Organisations of which a task was queued."""
    found: list[str] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: found.append(args[0])
    )
    return found


@pytest.fixture(autouse=True)
def _no_task_was_queued(organization: Organization) -> None:
    enqueue.over(organization.pk)
    enqueue.over(organization.pk, later=True)


def test_what_is_to_come_later_does_not_hold_up_what_comes_now(organization, queued):
    enqueue.wake(organization.pk, after=30)
    enqueue.wake(organization.pk, after=30)
    assert queued == [organization.pk]

    enqueue.wake(organization.pk)

    assert queued == [organization.pk] * 2


def test_while_a_task_runs_no_other_one_is_queued(organization, queued, monkeypatch):
    monkeypatch.setattr(run, "dispatch", lambda pk: enqueue.wake(pk))
    enqueue.wake(organization.pk)
    queued.clear()

    tasks.route(organization.pk)

    assert queued == []
    enqueue.wake(organization.pk)
    assert queued == [organization.pk]


def test_what_came_after_the_last_look_is_looked_at(message: Message, queued, monkeypatch):
    monkeypatch.setattr(run, "dispatch", lambda pk: None)

    tasks.route(message.organization_id)

    assert queued == [message.organization_id]


def test_what_is_due_later_than_that_which_woke_the_task_is_looked_at_then(
    message: Message, monkeypatch
):
    """Refused for now, each for another time: the first task stood for all of them."""
    queued: list[float] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, countdown: queued.append(countdown)
    )
    monkeypatch.setattr(run, "dispatch", lambda pk: None)
    Message.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=20))
    enqueue.wake(message.organization_id, after=1)
    enqueue.wake(message.organization_id, after=20)

    tasks.route(message.organization_id, later=True)

    assert queued == [1, pytest.approx(20, abs=10)]


def test_nothing_due_needs_no_other_task(organization, queued, monkeypatch):
    monkeypatch.setattr(run, "dispatch", lambda pk: None)

    tasks.route(organization.pk)

    assert queued == []


def test_a_task_that_fails_lets_the_next_one_be_queued(organization, queued, monkeypatch):
    def fail(pk: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(run, "dispatch", fail)
    enqueue.wake(organization.pk)
    with pytest.raises(ConnectionError):
        tasks.route(organization.pk)

    enqueue.wake(organization.pk)

    assert queued == [organization.pk] * 2


def test_the_task_of_beat_wakes_those_whose_messages_wait(message: Message, queued):
    make_organization()

    tasks.sweep()

    assert queued == [message.organization_id]
