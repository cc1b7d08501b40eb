"""Many who feed, start, pause and write the same campaign at the same moment."""

from __future__ import annotations

import pytest

from messaging.campaigns.models import Recipient
from messaging.campaigns.scheduler import end_cancelled, sweep
from messaging.campaigns.sending import BATCH, feed
from messaging.pools.models import SenderPool
from tests.factories import make_organization
from tests.messaging.at_once import at_once, statuses
from tests.messaging.campaigns.conftest import (
    AMERICA,
    FRANCE,
    audit_rows,
    leave,
    messages,
    numbers,
    stored,
)
from tests.messaging.pools.conftest import Api as Pools

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
ROUNDS = 5


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other threads have to see them."""
    return make_organization()


def test_many_feeders_make_one_message_each(api):
    everybody = numbers(3 * BATCH + 7)
    campaign_id = api.started(*everybody)
    while stored(campaign_id).fed < len(everybody):
        made = at_once(6, lambda number: feed(campaign_id))
        assert all(isinstance(count, int) for count in made), made
        leave(campaign_id)
    assert sorted(each.to for each in messages(campaign_id)) == everybody


def test_many_sweeps_announce_one_end(api, emitted):
    campaign_id = api.started(*numbers(3))
    at_once(4, lambda number: sweep())
    leave(campaign_id)
    assert at_once(4, lambda number: sweep()) == [None] * 4
    assert [each["type"] for each in emitted] == ["campaign.started", "campaign.completed"]


def test_one_of_many_starts_it(api, emitted):
    campaign_id = api.add(FRANCE)
    answers = at_once(4, lambda number: api.post(f"/{campaign_id}/start"))
    assert statuses(answers) == {202: 1, 409: 3}
    assert len(audit_rows("campaign.started")) == len(emitted) == 1


def test_after_a_pause_is_answered_nothing_is_made(api):
    campaign_id = api.started(*numbers(4 * BATCH))
    for _ in range(ROUNDS):
        seen = []

        def pause(seen=seen):
            answer = api.post(f"/{campaign_id}/pause")
            seen.append(stored(campaign_id).fed)
            return answer

        calls = [lambda: feed(campaign_id), lambda: feed(campaign_id), pause]
        *_, answer = at_once(3, lambda number, calls=calls: calls[number]())
        assert answer.status_code == 202, answer.content
        assert [stored(campaign_id).fed] == seen == [len(messages(campaign_id))]
        api.act(campaign_id, "resume")


def test_resumed_and_cancelled_at_once_it_is_cancelled_in_the_end(api):
    for _ in range(ROUNDS):
        campaign_id = api.started(*numbers(30))
        feed(campaign_id)
        api.act(campaign_id, "pause")
        paths = [f"/{campaign_id}/resume", f"/{campaign_id}/cancel"]
        resumed, cancelled = at_once(2, lambda number, paths=paths: api.post(paths[number]))
        assert (resumed.status_code, cancelled.status_code) in {(202, 202), (409, 202)}
        end_cancelled(campaign_id)
        assert stored(campaign_id).status == "cancelled"
        assert feed(campaign_id) == 0
        assert api.progress(campaign_id) == {"total": 30, "failed": 30}


def test_a_draft_that_is_started_is_not_written(api):
    for _ in range(ROUNDS):
        campaign_id = api.add(FRANCE)
        calls = [
            lambda path=f"/{campaign_id}": api.patch(path, {"body": "New"}),
            lambda path=f"/{campaign_id}/start": api.post(path),
        ]
        written, started = at_once(2, lambda number, calls=calls: calls[number]())
        assert (written.status_code, started.status_code) in {(200, 202), (409, 202)}
        feed(campaign_id)
        (message,) = messages(campaign_id)
        assert message.body == ("New" if written.status_code == 200 else "Hello")


def test_lists_that_come_at_once_leave_no_gap_and_no_number_twice(api):
    campaign_id = api.add()
    lists = [numbers(40, start=20 * number) for number in range(4)]
    answers = at_once(4, lambda number: api.upload(campaign_id, "to\n" + "\n".join(lists[number])))
    assert statuses(answers) == {200: 4}
    rows = Recipient.objects.filter(campaign=campaign_id).order_by("position")
    assert list(rows.values_list("position", flat=True)) == list(range(100))
    assert sorted(rows.values_list("to", flat=True)) == numbers(100)
    assert stored(campaign_id).recipients_total == 100


def test_a_pool_that_goes_has_no_campaign(api):
    pools = Pools(api.organization)
    for _ in range(ROUNDS):
        pool_id = pools.add("+33700000001")
        calls = [
            lambda pool_id=pool_id: api.make(AMERICA, sender_pool_id=pool_id),
            lambda path=f"/{pool_id}": pools.delete(path),
        ]
        made, gone = at_once(2, lambda number, calls=calls: calls[number]())
        outcome = (made.status_code, gone.status_code)
        assert outcome in {(201, 409), (422, 204)}
        assert SenderPool.objects.filter(pk=pool_id).exists() == (outcome == (201, 409))
