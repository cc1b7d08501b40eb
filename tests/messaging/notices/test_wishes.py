"""Of which incidents a recipient is told, and how long they have to last before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.notices import conditions, deliveries, rounds, sources
from messaging.notices.decisions import CALM, Kind
from messaging.notices.models import NoticeDelivery, NoticeRecipient
from tests.messaging.notices.test_rounds import make_down, make_recipient, recover, sent

__all__ = ["sent"]


@pytest.fixture(autouse=True)
def _binds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_sources", {conditions.binds: Kind.BIND})


def test_a_recipient_is_told_of_the_kinds_that_it_wants(organization, sent) -> None:
    make_recipient(organization), make_recipient(organization)
    wants, wants_not = NoticeRecipient.objects.all()
    NoticeRecipient.objects.filter(pk=wants.pk).update(kinds=["queue", "bind"])
    NoticeRecipient.objects.filter(pk=wants_not.pk).update(kinds=["queue"])
    make_down(organization)

    rounds.run()

    assert [each.recipient for each in NoticeDelivery.objects.all()] == [wants]


def test_what_does_not_last_as_long_as_a_recipient_wants_is_told_neither_way(
    organization, sent
) -> None:
    make_recipient(organization)
    NoticeRecipient.objects.update(after=600)
    make_down(organization, seconds=300)
    now = timezone.now()
    rounds.run(now)
    deliveries.send_due()
    recover()
    rounds.run(now + timedelta(seconds=30))
    rounds.run(now + timedelta(seconds=30) + CALM)
    deliveries.send_due(now + timedelta(hours=1))

    assert sent == []
    assert not NoticeDelivery.objects.exists()


def test_what_lasts_is_told_then(organization, sent) -> None:
    make_recipient(organization)
    NoticeRecipient.objects.update(after=600)
    make_down(organization, seconds=590)
    rounds.run()

    row = NoticeDelivery.objects.get()
    assert timedelta(0) < row.due_at - timezone.now() <= timedelta(seconds=10)
