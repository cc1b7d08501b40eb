"""Rounds: from what is wrong to rows, and from rows to those who are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from messaging.notices import channels, conditions, deliveries, rounds, services, sources
from messaging.notices.decisions import CALM, Condition, Kind
from messaging.notices.models import Notice, NoticeDelivery, NoticeRecipient
from orbit.accounts.actors import SYSTEM
from orbit.accounts.audit import services as audit
from orbit.accounts.models import AuditEvent
from tests.factories import make_organization

URL = "jsons://user:s3cr3t-t0ken@example.com/"


@pytest.fixture(autouse=True)
def _binds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_sources", {conditions.binds: Kind.BIND})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    found: list[dict] = []
    monkeypatch.setattr(channels, "send", lambda url, **said: found.append({"url": url, **said}))
    return found


def make_down(organization, *, host: str = "192.0.2.1", seconds: int = 120) -> Credential:
    number = Credential.objects.count()
    row = Credential.objects.create(
        organization=organization,
        name=f"north {number}",
        host=host,
        system_id=f"north{number}",
        password="s3cr3tpw",
        password_set_at=timezone.now(),
    )
    CredentialStatus.objects.create(
        credential=row,
        bind_state="unbound",
        bind_since=timezone.now() - timedelta(seconds=seconds),
        bind_error="ESME_RINVPASWD",
    )
    return row


def make_recipient(organization=None) -> NoticeRecipient:
    with transaction.atomic():
        return services.add(by=SYSTEM, organization=organization, name="ops", url=URL)


def recover() -> None:
    CredentialStatus.objects.update(bind_state="bound")


def test_a_carrier_that_is_down_is_one_incident_told_once(organization, sent) -> None:
    make_recipient()
    for _ in range(40):
        make_down(organization)

    for _ in range(3):
        rounds.run()
        deliveries.send_due()

    assert Notice.objects.get().what == "Binds to 192.0.2.1:2775 are down"
    assert len(sent) == 1
    assert "ESME_RINVPASWD" in sent[0]["body"]
    assert "It touches 40:" in sent[0]["body"]
    assert f"/messaging/notice/{Notice.objects.get().pk}/" in sent[0]["body"]


def test_a_bind_that_is_down_for_a_moment_is_none(organization, settings) -> None:
    now = timezone.now()
    make_down(organization, seconds=settings.NOTICE_BIND_DOWN - 5)

    rounds.run(now)

    assert not Notice.objects.exists()


def test_recovery_closes_it_and_is_told(organization, sent) -> None:
    make_recipient()
    make_down(organization, seconds=600)
    now = timezone.now() - timedelta(minutes=5)
    rounds.run(now)
    deliveries.send_due()
    recover()

    rounds.run(now + timedelta(seconds=30))
    rounds.run(now + timedelta(seconds=30) + CALM)
    deliveries.send_due()

    assert Notice.objects.get().state == "closed"
    assert [each["is_over"] for each in sent] == [False, True]
    assert sent[1]["title"].startswith("Over: ")


def test_it_says_what_was_changed_in_the_hour_before(organization, sent) -> None:
    make_recipient()
    credential = make_down(organization)
    with transaction.atomic():
        audit.record(
            by=SYSTEM, organization=organization, action="credential.updated", target=credential.pk
        )

    rounds.run()
    deliveries.send_due()

    assert f"credential.updated {credential.pk}" in sent[0]["body"]


def test_an_organisation_is_told_of_its_own_alone(organization, sent) -> None:
    stranger, third = make_organization(), make_organization()
    make_recipient(organization)
    make_recipient(third)
    own, other = make_down(organization), make_down(stranger)

    rounds.run()
    deliveries.send_due()

    assert len(sent) == 1
    assert own.name in sent[0]["body"]
    assert other.name not in sent[0]["body"] and stranger.pk not in sent[0]["body"]
    assert "It touches 1:" in sent[0]["body"]
    assert "RINVPASWD" not in sent[0]["body"]  # it may be the other one's reason
    assert "/admin/" not in sent[0]["body"]


def test_what_is_silenced_is_a_row_and_told_to_nobody(organization, sent) -> None:
    make_recipient()
    make_down(organization)
    now = timezone.now()
    with transaction.atomic():
        services.silence(by=SYSTEM, start=now - timedelta(hours=1), end=now + timedelta(hours=1))

    rounds.run()
    deliveries.send_due()

    assert Notice.objects.get().told_at is None
    assert sent == []


def test_a_round_that_read_before_another_one_decided_changes_nothing(organization) -> None:
    make_down(organization)
    now = timezone.now()
    rounds.run(now)
    recover()

    rounds.run(now - timedelta(seconds=5))

    assert Notice.objects.get().missing_since is None


def test_a_clock_that_is_set_back_stops_no_round(organization) -> None:
    rounds.run(timezone.now() + timedelta(hours=1))
    make_down(organization)

    rounds.run()

    assert Notice.objects.exists()


def test_a_source_that_fails_closes_nothing(organization, monkeypatch) -> None:
    make_down(organization)
    now = timezone.now()
    rounds.run(now)
    monkeypatch.setattr(sources, "_sources", {lambda now: 1 / 0: Kind.BIND})

    for minutes in (1, 2, 3):
        rounds.run(now + timedelta(minutes=minutes))

    assert Notice.objects.get().state == "open"


def test_a_server_that_fails_is_asked_again_and_given_up(organization, monkeypatch) -> None:
    def fail(url: str, **said: object) -> None:
        raise channels.NotTold("no answer")

    make_recipient()
    make_down(organization)
    rounds.run()
    monkeypatch.setattr(channels, "send", fail)

    for _ in range(deliveries.ATTEMPTS + 2):
        NoticeDelivery.objects.update(due_at=timezone.now())
        deliveries.send_due()

    row = NoticeDelivery.objects.get()
    assert (row.state, row.attempts, row.error) == ("failed", deliveries.ATTEMPTS, "no answer")


def test_the_url_is_in_no_audit_row_and_no_repr(organization) -> None:
    row = make_recipient(organization)

    said = repr(row) + str(list(AuditEvent.objects.values()))

    assert "s3cr3t" not in said
    assert NoticeRecipient.objects.values_list("url", flat=True)[0] != URL  # ciphertext


def test_who_is_touched_later_is_told_then_and_all_are_told_the_end(organization, sent) -> None:
    later = make_organization()
    make_recipient(organization), make_recipient(later)
    first = make_down(organization, seconds=900)
    now = timezone.now() - timedelta(minutes=10)
    rounds.run(now)
    make_down(later, seconds=900)
    CredentialStatus.objects.filter(credential=first).update(bind_state="bound")

    for _ in range(2):  # the first is well, the later one is down
        now += timedelta(seconds=30)
        rounds.run(now)
    told = sorted(NoticeDelivery.objects.values_list("recipient__organization", "telling"))
    recover()
    rounds.run(now + timedelta(seconds=30))
    rounds.run(now + timedelta(seconds=30) + CALM)

    assert told == sorted([(organization.pk, "opened"), (later.pk, "opened")])
    ended = NoticeDelivery.objects.filter(telling="closed")
    assert ended.count() == 2


def test_an_organisation_that_wants_silence_is_not_told_and_operators_are(
    organization, sent
) -> None:
    make_recipient(), make_recipient(organization)
    make_down(organization), make_down(make_organization())
    now = timezone.now()
    with transaction.atomic():
        services.silence(
            by=SYSTEM,
            start=now - timedelta(hours=1),
            end=now + timedelta(hours=1),
            organization=organization,
        )

    rounds.run(now)

    assert [each.recipient.organization for each in NoticeDelivery.objects.all()] == [None]


def test_a_bind_that_comes_and_goes_is_told_a_few_times_only(organization, sent) -> None:
    """Down for two minutes and up for two, all day long."""
    make_recipient()
    make_down(organization, seconds=7 * 3600)
    now = timezone.now() - timedelta(hours=5)
    for minute in range(4 * 60):
        is_up = minute // 2 % 2
        CredentialStatus.objects.update(bind_state="bound" if is_up else "unbound")
        rounds.run(now + timedelta(minutes=minute))

    assert Notice.objects.count() == 2
    assert Notice.objects.filter(state="open").count() == 1


def test_what_waited_while_nobody_looked_has_until_the_next_round(
    organization, sent, monkeypatch
) -> None:
    """As after the database was away: the log is a minute old, and is being read."""
    log = Condition("log:gw_1", Kind.LOG, "Nobody reads the log", "", "", "/")
    monkeypatch.setattr(sources, "_sources", {lambda now: [log]: Kind.LOG})
    now = timezone.now()
    rounds.run(now - timedelta(minutes=5))

    rounds.run(now)
    assert not Notice.objects.exists()

    rounds.run(now + timedelta(seconds=30))
    assert Notice.objects.get().what == "Nobody reads the log"
