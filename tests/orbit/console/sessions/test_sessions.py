"""Sessions of the console are listed, ended by hand, and end when nobody does anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orbit.accounts.models import BrowserSession
from orbit.accounts.sessions.retention import prune_browser_sessions, prune_django_sessions
from tests.factories import PASSWORD, make_user
from tests.orbit.console.conftest import last_event

pytestmark = pytest.mark.django_db

HOME, PAGE = "/admin/", "/admin/console/sessions/"


def is_signed_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def session_of(client: Client) -> BrowserSession:
    return BrowserSession.objects.get(session_key=client.session["browser_session"])


def end(client: Client, session: BrowserSession):
    return client.post(f"{PAGE}{session.pk}/end/")


def test_a_sign_in_is_listed_with_its_address_and_browser():
    person = make_user("ada@example.com", is_staff=True)
    client = Client(REMOTE_ADDR="198.51.100.7", headers={"User-Agent": "Netscape 4"})
    form = {"username": "ada@example.com", "password": PASSWORD}
    client.post("/admin/login/", form)

    text = client.get(PAGE).text

    assert session_of(client).user == person
    assert "198.51.100.7" in text
    assert "Netscape 4" in text
    assert client.session.session_key not in text


def test_one_ends_ones_other_session(sign_in):
    here = sign_in("Operator")
    there = Client()
    there.force_login(here.person)
    session = session_of(there)

    assert end(here, session).status_code == 302

    assert not is_signed_in(there)
    assert is_signed_in(here)
    assert (last_event().action, last_event().target) == ("session.ended", here.person.email)


def test_superusers_alone_see_and_end_those_of_others(sign_in):
    operator, superuser = sign_in("Operator"), sign_in()
    email = superuser.person.email

    assert email not in operator.get(PAGE).text
    assert end(operator, session_of(superuser)).status_code == 404
    assert end(superuser, session_of(operator)).status_code == 302
    assert not is_signed_in(operator)


def test_a_session_left_alone_ends(sign_in, settings):
    client = sign_in("Operator")
    start = timezone.now()
    idle = timedelta(minutes=settings.CONSOLE_IDLE_MINUTES)

    with time_machine.travel(start + idle * 0.9, tick=False):
        assert is_signed_in(client)
    with time_machine.travel(start + idle * 1.8, tick=False):
        assert is_signed_in(client)
    with time_machine.travel(start + idle * 2.9, tick=False):
        assert not is_signed_in(client)


def test_a_page_that_refreshes_itself_is_nobody(sign_in, settings):
    client = sign_in("Operator")
    start = timezone.now()
    idle = timedelta(minutes=settings.CONSOLE_IDLE_MINUTES)

    with time_machine.travel(start + idle * 0.9, tick=False):
        client.get("/admin/console/home/gateways/", headers={"HX-Request": "true"})
    with time_machine.travel(start + idle * 1.1, tick=False):
        assert not is_signed_in(client)


def test_a_sign_out_takes_the_session_off_the_list(sign_in):
    client = sign_in("Operator")
    client.post("/admin/logout/")
    assert not BrowserSession.objects.exists()


def test_a_site_below_a_prefix_ends_them_as_well(sign_in):
    client = sign_in("Operator")
    session_of(client).delete()
    assert client.get(HOME, SCRIPT_NAME="/sms").status_code == 302


def test_old_ones_are_pruned(sign_in, settings):
    sign_in("Operator")
    assert prune_browser_sessions() == prune_django_sessions() == 0
    later = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)
    with time_machine.travel(later, tick=False):
        assert prune_browser_sessions() == prune_django_sessions() == 1


def test_a_change_of_the_own_password_ends_no_session_of_this_browser(sign_in):
    client = sign_in("Operator")
    new = "An0ther-phrase!"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert client.post("/admin/password_change/", form).status_code == 302

    assert is_signed_in(client)
    assert f"/{session_of(client).pk}/end/" not in client.get(PAGE).text, "it is `this one`"


def test_sessions_go_on_after_a_rotation_of_secret_key(sign_in, settings):
    client = sign_in("Operator")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-of-the-site-that-is-long-enough"

    assert is_signed_in(client)
    assert is_signed_in(client), "Django has given the session another key"
