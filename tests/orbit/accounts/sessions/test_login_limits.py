"""How often passwords may be tried: by address, by account, from addresses that are known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from orbit.accounts.models import LoginAddress, User
from orbit.accounts.sessions.retention import prune_login_addresses
from orbit.api import throttling
from tests.factories import PASSWORD, make_member, make_user
from tests.orbit.counters import Counters

pytestmark = pytest.mark.django_db

HOME = "192.0.2.1"
_hosts = itertools.count(1)


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings) -> Iterator[time_machine.Traveller]:
    """Three tries in 300 seconds, from the beginning of a window on."""
    monkeypatch.setattr(throttling, "_spend", Counters().ask)
    settings.LOGIN_RATE_LIMIT = "3/300"
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False) as travelling:
        yield travelling


def somewhere() -> str:
    """An address that nobody has used."""
    return f"198.51.100.{next(_hosts)}"


def api(email: str, address: str, password: str = "wrong") -> int:
    body = {"email": email, "password": password}
    client = Client(REMOTE_ADDR=address)
    return client.post("/v1/auth/login", body, content_type="application/json").status_code


def console(email: str, address: str, password: str = PASSWORD) -> int:
    form = {"username": email, "password": password}
    return Client(REMOTE_ADDR=address).post("/admin/login/?next=/admin/", form).status_code


def attacked(email: str) -> None:
    """Strangers have used up what the account takes."""
    while api(email, somewhere()) != 429:
        pass


def test_an_account_is_slowed_down_and_not_locked(clock):
    member = make_member()
    attacked(member.user.email)
    clock.shift(99)
    assert api(member.user.email, somewhere(), PASSWORD) == 429
    clock.shift(1)
    assert api(member.user.email, somewhere(), PASSWORD) == 200


def test_an_address_is_locked_until_its_window_ends(clock):
    statuses = [api(f"tried{place}@example.com", HOME) for place in range(4)]
    assert statuses == [401, 401, 401, 429]
    clock.shift(299)
    assert api("tried9@example.com", HOME) == 429
    clock.shift(1)
    assert api("tried9@example.com", HOME) == 401


def test_an_ipv6_network_is_one_address():
    statuses = [api(f"t{place}@example.com", f"2001:db8:1:2::{place:x}") for place in range(1, 5)]
    assert statuses == [401, 401, 401, 429]
    assert api("t9@example.com", "2001:db8:1:3::1") == 401


def test_a_locked_address_slows_no_account_down():
    member = make_member()
    for _ in range(20):
        api("nobody@example.com", HOME)
        api(member.user.email, HOME)
    assert api(member.user.email, somewhere(), PASSWORD) == 200


@pytest.mark.parametrize("sign_in", [api, console])
def test_strangers_never_keep_a_person_out_of_an_address_that_is_known(clock, sign_in):
    user = make_user(is_staff=True, is_superuser=True)
    good = 200 if sign_in is api else 302
    assert sign_in(user.email, HOME, PASSWORD) == good
    for _ in range(3):
        attacked(user.email)
        clock.shift(300)
        attacked(user.email)
        assert sign_in(user.email, HOME, PASSWORD) == good
        assert sign_in(user.email, somewhere(), PASSWORD) != good


def test_a_known_address_may_not_guess_for_ever_either(settings):
    member = make_member()
    assert api(member.user.email, "2001:db8::1", PASSWORD) == 200
    settings.LOGIN_RATE_LIMIT = "2/3600"
    assert [api(member.user.email, "2001:db8::2") for _ in range(3)] == [401, 401, 429]


def test_a_wrong_password_makes_no_address_known():
    member = make_member()
    api(member.user.email, HOME)
    assert not LoginAddress.objects.exists()


def test_known_addresses_are_forgotten(clock, settings):
    member = make_member()
    api(member.user.email, HOME, PASSWORD)
    clock.shift(settings.LOGIN_ADDRESS_DAYS * 24 * 3600 - 1)
    assert prune_login_addresses() == 0
    clock.shift(2)
    attacked(member.user.email)
    assert api(member.user.email, HOME, PASSWORD) == 429
    assert prune_login_addresses() == 1


@pytest.mark.parametrize("other", ["BOSS@example.com", "boſs@example.com", "ｂoss@example.com"])
def test_spellings_of_an_unknown_account_are_one_count(other):
    attacked("boss@example.com")
    assert api(other, somewhere()) in (429, 422)  # or it is no e-mail address at all


@pytest.mark.parametrize("other", ["BOSS@example.com", "Boss@Example.COM"])
def test_spellings_of_an_account_are_one_count(other):
    make_member(user=make_user("boss@example.com"))
    attacked("boss@example.com")
    assert api(other, somewhere(), PASSWORD) == 429


@pytest.mark.stack
def test_what_only_looks_like_an_account_is_none():
    """In PostgreSQL's upper case both are BOSS."""
    other = "bo\u017fs@example.com"
    user = make_user("boss@example.com")
    assert User.objects.find(other) is None
    make_user(other)
    assert User.objects.get_by_natural_key("boss@example.com") == user


def test_console_and_api_are_one_count():
    user = make_user(is_staff=True)
    for _ in range(3):
        api(user.email, somewhere())
    assert console(user.email, somewhere()) == 200  # the form again


class TestOwnPassword:
    @pytest.fixture
    def inside(self) -> Client:
        user = make_user(is_staff=True, is_superuser=True)
        client = Client()
        client.force_login(user)
        client.person = user
        return client

    def change(self, client: Client, old: str) -> int:
        new = "a-good-long-password"
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        return client.post("/admin/password_change/", form).status_code

    def test_the_old_one_is_guessed_only_so_often_when_it_is_changed(self, inside):
        assert [self.change(inside, "guess") for _ in range(3)] == [200, 200, 200]
        assert self.change(inside, PASSWORD) == 429
        assert inside.get("/admin/password_change/").status_code == 200

    def test_strangers_do_not_hold_that_up(self, inside):
        attacked(inside.person.email)
        assert self.change(inside, PASSWORD) == 302
