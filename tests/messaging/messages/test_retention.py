from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from messaging.messages.models import Message, MessageStatus
from orbit.accounts.models import AuditEvent, Organization
from orbit.operations import retention
from tests.factories import make_organization
from tests.messaging.messages.conftest import make_message

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ENDED = sorted(set(MessageStatus.values) - {"queued", "sending", "sent"})


@pytest.fixture(autouse=True)
def _today(settings):
    settings.RETENTION_MESSAGES_DAYS = 30
    with time_machine.travel(NOW, tick=False):
        yield


def prune() -> int:
    return retention.prune()["messages"]


@pytest.mark.parametrize("status", ENDED)
def test_what_ended_long_ago_is_forgotten(organization, status):
    ended = NOW - timedelta(days=30)
    times = {"created_at": NOW - timedelta(days=31), "status": status}
    make_message(organization, **times, finished_at=ended - timedelta(seconds=1))
    young = make_message(organization, **times, finished_at=ended)
    assert prune() == 1
    assert [message.pk for message in Message.objects.all()] == [young.pk]


@pytest.mark.parametrize("status", ["queued", "sending", "sent"])
def test_what_has_not_ended_is_never_lost(organization, status):
    make_message(organization, status=status, created_at=NOW - timedelta(days=365))
    assert prune() == 0
    assert Message.objects.count() == 1


def test_an_organisation_may_keep_its_messages_for_another_time(organization):
    short, long = make_organization(), make_organization()
    Organization.objects.filter(pk=short.pk).update(messages_kept_days=7)
    Organization.objects.filter(pk=long.pk).update(messages_kept_days=90)
    times = {"status": "delivered", "created_at": NOW - timedelta(days=41)}
    for each in (organization, short, long):
        for days in (10, 40):
            make_message(each, **times, finished_at=NOW - timedelta(days=days))

    assert prune() == 3
    left = Message.objects.values_list("organization", flat=True)
    assert sorted(left) == sorted([organization.pk, long.pk, long.pk])


def test_its_retention_is_said_by_a_command_and_is_in_its_audit(organization):
    call_command("organization_retention", organization.pk, "7")
    organization.refresh_from_db()
    assert organization.messages_kept_days == 7
    event = AuditEvent.objects.get(action="organization.retention_changed")
    assert (event.chain, event.detail) == (organization.pk, "7 days")

    call_command("organization_retention", organization.pk, "default")
    organization.refresh_from_db()
    assert organization.messages_kept_days is None
    for days in ("0", "-1", "4000", "ten"):
        with pytest.raises(CommandError):
            call_command("organization_retention", organization.pk, "--", days)
