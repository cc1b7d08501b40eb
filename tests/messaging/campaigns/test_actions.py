"""What may be done in which state, and what it leaves behind."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from messaging.campaigns import sending
from messaging.campaigns.models import Campaign, CampaignStatus
from messaging.messages.dispatch import overdue, queue
from messaging.messages.models import Message, MessageStatus
from orbit.accounts.models import Organization
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import (
    AMERICA,
    FRANCE,
    NOON,
    audit_rows,
    leave,
    messages,
    numbers,
    stored,
)

pytestmark = pytest.mark.sqlite

SOON = "2026-03-08T13:00:00+00:30"  # half an hour from noon
MOVES = {
    "start": {"draft": "sending"},
    "pause": {"scheduled": "paused", "sending": "paused"},
    "resume": {"paused": "sending"},
    "cancel": {"scheduled": "cancelled", "sending": "cancelled", "paused": "cancelled"},
}


def waiting(organization: Organization) -> int:
    """How many messages may be claimed now."""
    wanted = [(group, 1000) for group in queue.due(organization.pk)]
    with transaction.atomic():
        return len(queue.lock(wanted, most=1000))


def put(campaign_id: str, status: str) -> None:
    finished = timezone.now() if status in ("completed", "cancelled") else None
    Campaign.objects.filter(pk=campaign_id).update(status=status, finished_at=finished)


@pytest.mark.parametrize("action", MOVES)
@pytest.mark.parametrize("status", CampaignStatus.values)
def test_an_action_is_done_in_its_states_only(api, action, status):
    campaign_id = api.add(FRANCE)
    put(campaign_id, status)
    answer = api.post(f"/{campaign_id}/{action}")
    if status in MOVES[action]:
        assert answer.status_code == 202
        assert answer.json()["data"]["status"] == MOVES[action][status]
        assert stored(campaign_id).status == MOVES[action][status]
        assert len(audit_rows()) == 2
    else:
        error = refusal(answer, 409, "INVALID_STATE")
        assert error["details"]["status"] == status
        assert error["details"]["allowed"] == list(MOVES[action])
        assert stored(campaign_id).status == status
        assert len(audit_rows()) == 1


@pytest.mark.parametrize("status", sorted({*CampaignStatus.values} - {"draft"}))
def test_only_a_draft_is_changed_deleted_or_given_recipients(api, status):
    campaign_id = api.add(FRANCE)
    put(campaign_id, status)
    for answer in (
        api.patch(f"/{campaign_id}", {"name": "New"}),
        api.delete(f"/{campaign_id}"),
        api.post(f"/{campaign_id}/recipients", {"recipients": [{"to": AMERICA}]}),
        api.upload(campaign_id, f"to\n{AMERICA}\n"),
    ):
        assert refusal(answer, 409, "INVALID_STATE")["details"]["allowed"] == ["draft"]
    assert (stored(campaign_id).name, stored(campaign_id).recipients_total) == ("Sale", 1)


def test_every_action_is_in_the_audit(api):
    campaign_id = api.started(*numbers(3))
    for action in ("pause", "resume", "cancel"):
        api.act(campaign_id, action)
    rows = audit_rows()
    assert [row.action.partition(".")[2] for row in rows] == [
        "created",
        "started",
        "paused",
        "resumed",
        "cancelled",
    ]
    assert {row.target for row in rows} == {campaign_id}
    assert rows[-1].detail == "cancelled, 0 of 3 made"


class TestStart:
    def test_it_needs_recipients(self, api):
        campaign_id = api.add()
        error = refusal(api.post(f"/{campaign_id}/start"), 409, "INVALID_STATE")
        assert error["details"] == {"recipients": 0}

    def test_it_needs_the_variables_of_a_text_that_was_changed(self, api):
        campaign_id = api.add(
            {"to": FRANCE, "variables": {"name": "A", "code": ""}},
            {"to": AMERICA, "variables": {"name": "B"}},
        )
        api.patch(f"/{campaign_id}", {"body": "{{name}} {{code}}"})
        error = refusal(api.post(f"/{campaign_id}/start"), 409, "INVALID_STATE")
        assert error["details"] == {"to": AMERICA, "variables": ["code"]}
        api.patch(f"/{campaign_id}", {"body": "{{name}}"})
        assert api.act(campaign_id, "start")["status"] == "sending"

    def test_it_takes_no_fields(self, api):
        campaign_id = api.add(FRANCE)
        refusal(api.post(f"/{campaign_id}/start", {"at": "once"}), 422, "VALIDATION_ERROR")
        assert stored(campaign_id).status == "draft"

    def test_an_old_etag_starts_nothing(self, api):
        campaign_id = api.add(FRANCE)
        old = api.get(f"/{campaign_id}")["ETag"]
        api.patch(f"/{campaign_id}", {"body": "Buy now"})
        answer = api.post(f"/{campaign_id}/start", If_Match=old)
        refusal(answer, 412, "PRECONDITION_FAILED")
        assert stored(campaign_id).status == "draft"

    def test_it_is_announced_once(self, api, emitted):
        campaign_id = api.started(FRANCE)
        api.act(campaign_id, "pause")
        api.act(campaign_id, "resume")
        assert [each["type"] for each in emitted] == ["campaign.started", "campaign.paused"]
        assert emitted[0]["organization_id"] == api.organization.id
        assert emitted[0]["data"]["campaign_id"] == campaign_id
        assert emitted[0]["data"]["progress"]["queued"] == 1


class TestSchedule:
    def test_it_begins_at_its_time(self, api, later, emitted):
        campaign_id = api.add(FRANCE, scheduled_at=SOON)
        assert api.act(campaign_id, "start")["status"] == "scheduled"
        assert data(api.get(f"/{campaign_id}"))["scheduled_at"] == "2026-03-08T12:30:00Z"
        later(29 * 60)
        assert (stored(campaign_id).status, emitted) == ("scheduled", [])
        later(60)
        assert stored(campaign_id).status == "sending"
        later()
        assert len(messages(campaign_id)) == 1
        assert [each["type"] for each in emitted] == ["campaign.started"]

    def test_a_draft_does_not_begin_by_itself(self, api, later):
        campaign_id = api.add(FRANCE, scheduled_at=SOON)
        later(3600)
        assert stored(campaign_id).status == "draft"

    def test_started_past_its_time_it_begins_at_once(self, api, later):
        campaign_id = api.add(FRANCE, scheduled_at=SOON)
        later(3600)
        assert api.act(campaign_id, "start")["status"] == "sending"

    def test_paused_before_its_time_it_waits_again_or_begins(self, api, later):
        campaign_id = api.started(FRANCE, scheduled_at=SOON)
        api.act(campaign_id, "pause")
        assert api.act(campaign_id, "resume")["status"] == "scheduled"
        api.act(campaign_id, "pause")
        later(3600)
        assert stored(campaign_id).status == "paused"
        assert api.act(campaign_id, "resume")["status"] == "sending"


class TestPause:
    def test_nothing_is_made_or_claimed(self, api, later, organization):
        campaign_id = api.started(*numbers(20), throughput=10)
        later()
        assert waiting(organization) == 10
        api.act(campaign_id, "pause")
        later(60)
        assert len(messages(campaign_id)) == 10
        assert waiting(organization) == 0
        assert queue.organizations() == []
        assert api.progress(campaign_id) == {"total": 20, "queued": 20}
        api.act(campaign_id, "resume")
        assert waiting(organization) == 10
        assert queue.organizations() == [organization.id]

    def test_its_messages_do_not_expire(self, api, later, settings):
        campaign_id = api.started(FRANCE)
        later()
        api.act(campaign_id, "pause")
        later(settings.MESSAGE_VALIDITY_HOURS * 3600 + 60)
        overdue.end_overdue()
        assert messages(campaign_id)[0].status == "queued"
        api.act(campaign_id, "resume")
        overdue.end_overdue()
        assert messages(campaign_id)[0].status == "queued"
        later(settings.MESSAGE_VALIDITY_HOURS * 3600 + 60)
        overdue.end_overdue()
        assert messages(campaign_id)[0].status == "expired"

    def test_it_does_not_complete(self, api, later):
        campaign_id = api.started(FRANCE)
        later()
        api.act(campaign_id, "pause")
        leave(campaign_id)
        later()
        assert stored(campaign_id).status == "paused"
        api.act(campaign_id, "resume")
        later()
        assert stored(campaign_id).status == "completed"


class TestCancel:
    def test_who_has_no_message_gets_none_and_what_waits_ends(self, api, later, organization):
        campaign_id = api.started(*numbers(30), throughput=10)
        later()
        leave(campaign_id)
        later()
        api.act(campaign_id, "cancel")
        assert waiting(organization) == 0
        later()
        assert api.progress(campaign_id) == {
            "total": 30,
            "sent": 10,
            "failed": 10,
            "cancelled": 10,
        }
        ended = Message.objects.filter(campaign=campaign_id, status="failed")
        assert set(ended.values_list("error_code", flat=True)) == {"CAMPAIGN_CANCELLED"}
        assert data(api.get(f"/{campaign_id}"))["finished_at"] is not None

    def test_what_the_gateway_gives_back_later_ends_too(self, api, later):
        campaign_id = api.started(FRANCE)
        later()
        leave(campaign_id, MessageStatus.SENDING)
        api.act(campaign_id, "cancel")
        later()
        assert messages(campaign_id)[0].status == "sending"
        Message.objects.update(claimed_at=None)
        later()
        assert messages(campaign_id)[0].error_code == "CAMPAIGN_CANCELLED"

    def test_others_go_on(self, api, later):
        cancelled, other = api.started(FRANCE), api.started(FRANCE)
        later()
        api.act(cancelled, "cancel")
        later()
        assert messages(other)[0].status == "queued"


class TestCompletion:
    def test_when_nothing_waits_any_more(self, api, later, emitted):
        campaign_id = api.started(*numbers(3))
        later()
        leave(campaign_id, MessageStatus.SENDING)
        later()
        assert stored(campaign_id).status == "sending"
        Message.objects.update(status=MessageStatus.SENT)
        later()
        assert stored(campaign_id).status == "completed"
        assert stored(campaign_id).finished_at >= NOON
        later()
        assert [each["type"] for each in emitted] == ["campaign.started", "campaign.completed"]
        assert emitted[-1]["data"]["progress"]["sent"] == 3

    def test_receipts_that_come_later_move_the_progress_on(self, api, later):
        campaign_id = api.started(*numbers(3))
        later()
        leave(campaign_id)
        later()
        first, second, _ = messages(campaign_id)
        for message, status in ((first, "delivered"), (second, "submitted_no_receipt")):
            message.status, message.finished_at = status, timezone.now()
            message.save()
        assert api.progress(campaign_id) == {"total": 3, "sent": 1, "delivered": 1, "unknown": 1}

    def test_not_before_everybody_has_a_message(self, api, later):
        campaign_id = api.started(*numbers(30), throughput=10)
        later()
        leave(campaign_id)
        later()
        leave(campaign_id)
        assert stored(campaign_id).status == "sending"


def test_one_that_fails_does_not_hold_up_the_others(api, later, caplog, monkeypatch):
    broken, fine = api.started(FRANCE), api.started(FRANCE)

    def room(campaign):
        if campaign.pk == broken:
            raise RuntimeError("away")
        return 1

    monkeypatch.setattr(sending, "room", room)
    later()
    assert (messages(broken), len(messages(fine))) == ([], 1)
    assert f"{broken} stands still" in caplog.text
