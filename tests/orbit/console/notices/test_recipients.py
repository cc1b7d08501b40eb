"""Who is told, and when nobody is."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.notices import services
from messaging.notices.models import NoticeRecipient, NoticeSilence
from tests.orbit.console.conftest import last_event

PAGE = "/admin/console/notices/"
URL = "jsons://user:s3cr3t-t0ken@example.com/"


@pytest.fixture
def recipient(db) -> NoticeRecipient:
    return NoticeRecipient.objects.create(name="Ops", url=URL, scheme="jsons")


def test_a_recipient_is_added_and_its_url_never_shown(operator, credential) -> None:
    whose = credential.organization
    sent = {"name": "Acme", "url": URL, "organization": whose.name}

    page = operator.post(f"{PAGE}add/", sent, follow=True).content.decode()

    row = NoticeRecipient.objects.get()
    assert (row.organization, row.scheme, row.url) == (whose, "jsons", URL)
    assert "Acme" in page and "s3cr3t" not in page
    assert last_event().action == services.ADDED


def test_a_url_that_does_more_than_tell_is_refused_and_not_shown(operator) -> None:
    page = operator.post(f"{PAGE}add/", {"name": "x", "url": "syslog://s3cr3t"}).content.decode()

    assert not NoticeRecipient.objects.exists()
    assert "It begins with one of" in page and "s3cr3t" not in page


def test_the_test_button_has_a_worker_send_a_word(
    operator, recipient, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    queued: list[tuple] = []
    monkeypatch.setattr(services, "send", lambda *args, **options: queued.append(args))

    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{PAGE}recipients/{recipient.pk}/test/")

    assert queued == [("messaging.notices.tasks.try_out", recipient.pk)]


def test_one_is_removed(operator, recipient) -> None:
    operator.post(f"{PAGE}recipients/{recipient.pk}/remove/")

    assert not NoticeRecipient.objects.exists()
    assert last_event().action == services.REMOVED


def test_maintenance_is_planned(operator) -> None:
    sent = {"kind": "bind", "start": "2030-03-08 22:00", "end": "2030-03-09 02:00", "why": "move"}

    page = operator.post(f"{PAGE}plan/", sent, follow=True).content.decode()

    assert NoticeSilence.objects.get().kind == "bind"
    assert "2030-03-08 22:00:00 UTC" in page and "2030-03-09 02:00:00 UTC" in page


def test_a_silence_is_ended(operator) -> None:
    row = NoticeSilence.objects.create(start=timezone.now(), end=timezone.now())

    operator.post(f"{PAGE}plan/{row.pk}/end/")

    assert not NoticeSilence.objects.exists()
    assert last_event().action == services.ENDED


@pytest.mark.parametrize("button", ["add", "plan", "recipients/{}/test", "recipients/{}/remove"])
def test_who_only_reads_changes_nothing(sign_in, recipient, button: str) -> None:
    answer = sign_in("Read only").post(f"{PAGE}{button.format(recipient.pk)}/", {})

    assert answer.status_code == 403
    assert NoticeRecipient.objects.exists()
    assert last_event().outcome == "refused"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"end": "2030-03-08 21:00"}, "Has to be after start"),
        ({"end": "2030-03-08 22:00"}, "Has to be after start"),
        ({"end": "2030-05-08 22:00"}, "by at most 31 days"),
        ({"start": "2020-03-08 22:00", "end": "2020-03-09 02:00"}, "Has to be in the future"),
        ({"start": "tonight"}, "is no date and time"),
    ],
)
def test_maintenance_at_no_time_is_not_planned_and_the_form_says_why(
    operator, wrong: dict[str, str], said: str
) -> None:
    sent = {"start": "2030-03-08 22:00", "end": "2030-03-09 02:00", "why": "new rack"} | wrong

    page = operator.post(f"{PAGE}plan/", sent).content.decode()

    assert said in page and "new rack" in page
    assert not NoticeSilence.objects.exists()
