"""`POST /v1/messages/{id}/feedback`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.messages.feedback import prune_feedback
from messaging.messages.models import MessageFeedback
from messaging.usage.models import UsageRecord
from tests.messaging.callers import data, refusal
from tests.messaging.messages.conftest import make_message

pytestmark = pytest.mark.sqlite


@pytest.fixture
def message(organization, carrier):
    return make_message(
        organization,
        status="delivered",
        carrier_id=carrier.pk,
        credential_id=carrier.credential_id,
        sender="ACME",
        country="FR",
        sent_at=timezone.now(),
    )


def counted() -> dict[str, int]:
    rows = UsageRecord.objects.filter(status="").values_list("outcome", "messages")
    found: dict[str, int] = {}
    for outcome, messages in rows:
        found[outcome] = found.get(outcome, 0) + messages
    return {outcome: count for outcome, count in found.items() if count}


def give(api, message, converted):
    return data(api.post(f"/{message.pk}/feedback", {"converted": converted}))


def test_what_came_of_a_message_counts_for_its_carrier(api, message, carrier):
    found = give(api, message, True)

    assert (found["message_id"], found["converted"]) == (message.pk, True)
    row = UsageRecord.objects.get()
    assert (row.carrier_id, row.country, row.outcome) == (carrier.pk, "FR", "converted")
    assert (row.status, row.segments, row.amount) == ("", 0, 0)


def test_the_last_word_counts_once(api, message):
    give(api, message, True)
    give(api, message, True)
    assert counted() == {"converted": 1}

    give(api, message, False)
    assert counted() == {"not_converted": 1}
    assert MessageFeedback.objects.get().converted is False


def test_a_message_that_no_carrier_has_is_refused(api, organization):
    waiting = make_message(organization)

    refusal(api.post(f"/{waiting.pk}/feedback", {"converted": True}), 409, "INVALID_STATE")


def test_another_organisations_message_is_not_found(stranger, message):
    refusal(stranger.post(f"/{message.pk}/feedback", {"converted": True}), 404, "NOT_FOUND")


@pytest.mark.parametrize("body", [{}, {"converted": "yes"}, {"converted": True, "by": "us"}])
def test_what_it_takes_is_one_truth_value(api, message, body):
    assert api.post(f"/{message.pk}/feedback", body).status_code == 422


def test_it_is_forgotten_with_the_messages(api, message, settings):
    give(api, message, True)
    old = timezone.now() - timedelta(days=settings.RETENTION_MESSAGES_DAYS + 1)
    assert prune_feedback() == 0

    MessageFeedback.objects.update(created_at=old)

    assert prune_feedback() == 1
