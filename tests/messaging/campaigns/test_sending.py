from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from messaging import bulk
from messaging.campaigns.sending import BATCH, feed
from messaging.messages.models import MessageStatus
from tests.messaging.callers import data
from tests.messaging.campaigns.conftest import (
    AMERICA,
    FRANCE,
    leave,
    messages,
    numbers,
    stored,
)

pytestmark = pytest.mark.sqlite


def test_a_message_each_in_their_order_with_their_variables(api, later, woken):
    campaign_id = api.started(
        {"to": FRANCE, "variables": {"name": "Émile", "code": "1"}},
        {"to": AMERICA, "variables": {"name": "{{code}}", "code": "2"}},
        body="{{ name }}: {{code}}{{code}} {x}",
    )
    later()
    found = messages(campaign_id)
    assert [(each.to, each.body) for each in found] == [
        (FRANCE, "Émile: 11 {x}"),
        (AMERICA, "{{code}}: 22 {x}"),
    ]
    assert {each.wanted_pool_id for each in found} == {api.pool_id}
    assert [each.country for each in found] == ["FR", "US"]
    assert {each.status for each in found} == {"queued"}
    assert woken == [api.organization.id]


def test_no_recipient_gets_a_second_message(api, later):
    campaign_id = api.started(*numbers(30))
    for _ in range(3):
        later()
    assert [each.to for each in messages(campaign_id)] == numbers(30)
    later(0)
    assert feed(campaign_id) == 0


def test_the_database_itself_refuses_a_second_message_to_a_number(api, later):
    campaign_id = api.started(FRANCE)
    later()
    (message,) = messages(campaign_id)
    message.pk = "msg_" + "0" * 32
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


class TestPace:
    def test_no_more_leave_than_the_throughput_allows(self, api, later):
        campaign_id = api.started(*numbers(50), throughput=7)
        made = []
        for _ in range(5):
            later(0.5)
            made.append(len(messages(campaign_id)))
        assert made == [3, 7, 10, 14, 17]

    def test_a_late_beat_makes_up_for_two_seconds_only(self, api, later):
        campaign_id = api.started(*numbers(100), throughput=10)
        later(60)
        assert len(messages(campaign_id)) == 20
        later(1)
        assert len(messages(campaign_id)) == 30

    def test_a_pause_saves_nothing_up(self, api, later):
        campaign_id = api.started(*numbers(100), throughput=10)
        later(1)
        api.act(campaign_id, "pause")
        later(60)
        api.act(campaign_id, "resume")
        later(0)
        assert len(messages(campaign_id)) == 10
        later(1)
        assert len(messages(campaign_id)) == 20

    def test_without_one_only_what_waits_holds_it_back(self, api, later):
        campaign_id = api.started(*numbers(4 * BATCH + 10))
        later()
        assert len(messages(campaign_id)) == 4 * BATCH
        later()
        assert len(messages(campaign_id)) == 4 * BATCH
        leave(campaign_id)
        later()
        assert len(messages(campaign_id)) == 4 * BATCH + 10

    def test_what_waits_holds_back_the_rest(self, api, later):
        campaign_id = api.started(*numbers(300), throughput=50)
        for _ in range(5):
            later()
        assert len(messages(campaign_id)) == 100
        leave(campaign_id, MessageStatus.SENDING)
        later()
        assert len(messages(campaign_id)) == 200


class TestTooLong:
    def test_that_recipient_s_message_fails_and_says_so(self, api, later, emitted):
        campaign_id = api.started(
            {"to": FRANCE, "variables": {"name": "x" * 1530}},
            {"to": AMERICA, "variables": {"name": "y"}},
            body="Hi {{name}}",
        )
        later()
        first, second = messages(campaign_id)
        assert (first.status, first.error_code) == ("failed", "TEXT_TOO_LONG")
        assert (first.segments, first.encoding) == (11, "gsm7")
        assert "1533 septets" in first.error_message
        assert second.status == "queued"
        assert api.progress(campaign_id) == {"total": 2, "queued": 1, "failed": 1}
        row = data(api.get(f"/{campaign_id}/messages?status=failed"))[0]
        assert row["error"]["code"] == "TEXT_TOO_LONG"

    def test_the_longest_text_goes(self, api, later):
        campaign_id = api.started(
            {"to": FRANCE, "variables": {"name": "x" * 1530}}, body="{{name}}"
        )
        later()
        assert messages(campaign_id)[0].segments == 10
        assert messages(campaign_id)[0].status == "queued"


def test_a_failure_leaves_nothing_of_its_batch(api, later, monkeypatch):
    campaign_id = api.started(*numbers(5))
    insert = bulk.insert

    def broken(*rows):
        insert(*rows)
        raise RuntimeError("away")

    monkeypatch.setattr(bulk, "insert", broken)
    later()
    assert (messages(campaign_id), stored(campaign_id).fed) == ([], 0)
    monkeypatch.undo()
    later()
    assert len(messages(campaign_id)) == 5
