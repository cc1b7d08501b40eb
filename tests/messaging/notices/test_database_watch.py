"""Operators are told that the database is away, from what beat remembers."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from celery.signals import beat_init
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from messaging.notices import channels, database_watch, deliveries
from messaging.notices.database_watch import Watch
from messaging.notices.decisions import CALM
from messaging.notices.models import Notice, NoticeRecipient, NoticeSilence
from tests.factories import lose_key, make_organization

URL = "jsons://user:s3cr3t-t0ken@example.com/"
pytestmark = pytest.mark.django_db


class Course:
    """Looks every ten seconds, with the database there or away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        self.watch = Watch()
        self._patch, self._read = monkeypatch, Watch._read

    def goes(self, seconds: float, *, away: bool, watches: tuple[Watch, ...] = ()) -> None:
        self._patch.setattr(Watch, "_read", _fail if away else self._read)
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now += timedelta(seconds=10)
            for each in (self.watch, *watches):
                each.look(self.now)


def _fail(watch: Watch, now: object) -> None:
    raise OperationalError("no") from psycopg.OperationalError("Connection refused, s3cr3t")


@pytest.fixture(autouse=True)
def _nobody_told() -> None:
    cache.delete(database_watch._CLAIM)


@pytest.fixture
def sent(monkeypatch) -> list[dict]:
    found: list[dict] = []
    monkeypatch.setattr(channels, "send", lambda url, **said: found.append({"url": url, **said}))
    return found


@pytest.fixture
def recipient() -> NoticeRecipient:
    NoticeRecipient.objects.create(
        name="Acme", url=URL, scheme="jsons", organization=make_organization()
    )
    return NoticeRecipient.objects.create(name="Ops", url=URL, scheme="jsons")


def test_beat_watches() -> None:
    assert database_watch.start in [receiver for _, receiver in beat_init.receivers]


def test_operators_are_told_once_and_told_its_end_by_a_worker(monkeypatch, sent, recipient) -> None:
    course = Course(monkeypatch)
    course.goes(20, away=False)
    course.goes(120, away=True)
    (opened,) = sent
    course.goes(CALM.total_seconds() + 30, away=False)
    deliveries.send_due()

    assert (opened["title"], opened["url"]) == ("The database is away", URL)
    assert "connection refused" in opened["body"] and "s3cr3t" not in opened["body"]
    assert "changed in the hour" not in opened["body"]  # nobody could read that
    assert [each["is_over"] for each in sent] == [False, True]
    notice = Notice.objects.get()
    assert (notice.pk, notice.state) == (opened["incident"], "closed")
    assert notice.deliveries.filter(state="sent").count() == 2


def test_a_moment_is_none(monkeypatch, sent, recipient, settings) -> None:
    course = Course(monkeypatch)
    course.goes(10, away=False)
    course.goes(settings.NOTICE_DATABASE_AWAY, away=True)
    course.goes(10, away=False)
    course.goes(settings.NOTICE_DATABASE_AWAY, away=True)

    assert sent == []


def test_one_that_comes_back_for_a_moment_is_one_incident(monkeypatch, sent, recipient) -> None:
    course = Course(monkeypatch)
    course.goes(10, away=False)
    for _ in range(3):
        course.goes(60, away=True)
        course.goes(20, away=False)

    assert len(sent) == 1


def test_of_two_beats_one_tells(monkeypatch, sent, recipient) -> None:
    course, other = Course(monkeypatch), Watch()
    course.goes(10, away=False, watches=(other,))
    course.goes(60, away=True, watches=(other,))
    course.goes(CALM.total_seconds() + 30, away=False, watches=(other,))

    assert len(sent) == 1
    assert Notice.objects.count() == 1


def test_who_does_not_take_it_is_asked_again_a_few_times(monkeypatch, recipient) -> None:
    asked = []

    def fail(url: str, **said: object) -> None:
        asked.append(url)
        raise channels.NotTold("no answer")

    monkeypatch.setattr(channels, "send", fail)
    course = Course(monkeypatch)
    course.goes(10, away=False)
    course.goes(600, away=True)
    course.goes(CALM.total_seconds() + 30, away=False)

    assert len(asked) == database_watch.ATTEMPTS
    row = Notice.objects.get().deliveries.get()  # the end is told to nobody
    assert (row.state, row.error) == ("failed", "no answer")


def test_in_a_silence_nobody_is_told(monkeypatch, sent, recipient) -> None:
    now = timezone.now()
    NoticeSilence.objects.create(start=now - CALM, end=now + timedelta(seconds=100))
    course = Course(monkeypatch)
    course.goes(10, away=False)
    course.goes(80, away=True)
    assert sent == []

    course.goes(60, away=True)
    assert len(sent) == 1  # it outlasts the silence


def test_urls_are_in_no_repr(monkeypatch, recipient) -> None:
    course = Course(monkeypatch)
    course.goes(10, away=False)

    assert course.watch._recipients and "s3cr3t" not in repr(course.watch._recipients)


def test_a_recipient_whose_key_is_lost_keeps_nobody_else_from_being_told(
    monkeypatch, sent, recipient, caplog
) -> None:
    lost = NoticeRecipient.objects.create(name="Lost", url=URL, scheme="jsons")
    lose_key(lost, "url")
    course = Course(monkeypatch)
    course.goes(10, away=False)
    course.goes(60, away=True)

    assert [each["url"] for each in sent] == [URL]
    assert f"recipient {lost.pk} can't be told" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_with_redis_away_too_operators_are_told(monkeypatch, sent, recipient) -> None:
    def away(*args: object, **options: object) -> None:
        raise RedisConnectionError("away")

    course = Course(monkeypatch)
    course.goes(10, away=False)
    monkeypatch.setattr(cache, "add", away, raising=False)
    course.goes(60, away=True)

    assert len(sent) == 1


def test_an_error_of_a_database_that_is_there_is_no_outage(monkeypatch, sent, recipient) -> None:
    def fail(watch: Watch, now: object) -> None:
        raise OperationalError("no") from psycopg.errors.QueryCanceled("statement timeout")

    monkeypatch.setattr(Watch, "_read", fail)
    watch = Watch()

    with pytest.raises(OperationalError):
        watch.look(timezone.now())
    assert sent == []
