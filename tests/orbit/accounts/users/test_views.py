"""An owner sets a password behind the link that was printed, once."""

from __future__ import annotations

import json
import smtplib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from orbit.accounts.models import AuditEvent, User
from orbit.accounts.users import password_links
from tests.factories import make_user

pytestmark = pytest.mark.django_db

GOOD = "a-good-long-password"
MAIL = "django.core.mail.backends.locmem.EmailBackend"
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


@pytest.fixture
def link(capsys, settings) -> str:
    settings.EMAIL_BACKEND = NO_MAIL
    call_command("create_organization", "Example", "--email", "ada@example.com", "--json")
    return json.loads(capsys.readouterr().out)["password_link"]


def use(client, link: str, password: str = GOOD, again: str | None = None):
    """Open the link, and send the form; the answer to that."""
    page = client.get(urlsplit(link).path, follow=True)
    if not page.redirect_chain:
        return page
    form = {"new_password1": password, "new_password2": password if again is None else again}
    return client.post(page.redirect_chain[-1][0], form, follow=True)


def log_in(client, password: str = GOOD) -> int:
    body = {"email": "ada@example.com", "password": password}
    return client.post("/v1/auth/login", body, content_type="application/json").status_code


def test_the_owner_sets_a_password_and_logs_in(client, link, settings):
    assert link.startswith(f"{settings.SITE_URL}/password/")
    assert "Your password is set" in use(client, link).text
    assert log_in(client) == 200
    (event,) = AuditEvent.objects.filter(action="user.password_set")
    assert (event.target, event.actor_type) == ("ada@example.com", "user")
    assert event.organization_id


def test_it_is_good_once(client, link):
    use(client, link)
    assert "not good any more" in use(client, link, "another-good-password").text
    assert log_in(client) == 200


def test_it_is_good_for_three_days(client, link):
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert "not good any more" in use(client, link).text
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("path", ["/password/x/y", "/password/MQ/set-password", "/password/%00/a"])
def test_a_link_that_was_made_up_opens_nothing(client, path):
    make_user()
    assert "not good any more" in client.get(path, follow=True).text


@pytest.mark.parametrize(("password", "again"), [("short", None), (GOOD, "another"), ("", "")])
def test_a_bad_password_is_named_and_the_link_stays_good(client, link, password, again):
    assert 'class="fault"' in use(client, link, password, again).text
    use(client, link)
    assert log_in(client) == 200


def test_the_token_reaches_no_log_and_no_audit(client, link, caplog):
    use(client, link)
    token = link.rpartition("/")[2]
    assert "/password/*" in caplog.text
    assert token not in caplog.text
    assert token not in str(list(AuditEvent.objects.values()))


@pytest.mark.stack
def test_attempts_are_throttled(link, settings):
    settings.LOGIN_RATE_LIMIT = "1/300"
    with time_machine.travel("2026-11-25T12:01:00Z", tick=False):
        caller = Client(REMOTE_ADDR="203.0.113.20")  # counted in a Redis that tests share
        answers = [caller.post("/password/x/y").status_code for _ in range(2)]
    assert answers == [200, 429]


def test_where_mail_is_set_up_it_is_mailed_too(capsys, settings):
    settings.EMAIL_BACKEND = MAIL
    call_command("create_organization", "Example", "--email", "ada@example.com")
    said = capsys.readouterr()
    (message,) = mail.outbox
    assert message.to == ["ada@example.com"]
    found = next(line for line in message.body.splitlines() if "/password/" in line)
    assert found in said.out
    assert "mailed" in said.err


def test_a_mail_server_that_fails_loses_nothing(capsys, settings, monkeypatch):
    settings.EMAIL_BACKEND = MAIL

    def refuse(*args: object, **options: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(password_links, "send_mail", refuse)
    call_command("create_organization", "Example", "--email", "ada@example.com")
    said = capsys.readouterr()
    assert "/password/" in said.out
    assert "not mailed: SMTPServerDisconnected: gone" in said.err


def test_an_owner_with_a_password_gets_no_link(capsys):
    make_user("ada@example.com", password=GOOD)
    call_command("create_organization", "Example", "--email", "ada@example.com")
    assert "/password/" not in capsys.readouterr().out


def test_another_link_can_be_made(client, capsys, settings):
    settings.EMAIL_BACKEND = NO_MAIL
    user = make_user("ada@example.com")
    call_command("password_link", "ADA@example.com")
    said = capsys.readouterr()
    assert default_token_generator.check_token(user, said.out.strip().rpartition("/")[2])
    assert "no mail is set up" in said.err
    made = AuditEvent.objects.get(action="user.password_link_made")
    assert (made.target, made.actor_name) == (user.email, "manage.py password_link")
    with pytest.raises(CommandError, match="no active person"):
        call_command("password_link", "bob@example.com")
