"""A second factor is set up, asked for by console and API, and replaced by recovery codes."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from orbit.accounts.models import AuditEvent, Authenticator, LoginAddress, RecoveryCode, User
from orbit.api import throttling
from tests.factories import PASSWORD, make_user
from tests.orbit.counters import Counters

pytestmark = pytest.mark.django_db

HOME, ASK, OWN, SET_UP = (
    "/admin/",
    "/admin/console/second-factor/",
    "/admin/console/second-factor/set-up/",
    "/admin/console/second-factor/set-up/app/",
)


@pytest.fixture
def person(db) -> User:
    return make_user("ada@example.com", is_staff=True, is_superuser=True)


def sign_in(person: User) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": person.email, "password": PASSWORD})
    return client


def code_of(person: User, *, later: int = 0) -> str:
    """What the app shows; `later` steps of 30 s from now."""
    row = Authenticator.objects.filter(user=person).order_by("confirmed").first()
    return f"{TOTP(base64.b32decode(row.secret), drift=later).token():06}"


def set_up(client: Client, person: User, **form: str) -> str:
    client.get(SET_UP)
    body = {"own_password": PASSWORD, "code": code_of(person)} | form
    return client.post(SET_UP, body).text


def log_in(person: User, **body: str):
    body = {"email": person.email, "password": PASSWORD} | body
    return Client().post("/v1/auth/login", body, content_type="application/json")


def prove(client: Client, code: str):
    return client.post(f"{ASK}?next=/admin/accounts/user/", {"code": code})


def test_it_is_set_up_with_the_own_password_and_a_code(person):
    client = sign_in(person)
    page = client.get(SET_UP).text
    assert "<svg" in page
    assert "Recovery codes" not in set_up(client, person, own_password="wrong")
    assert "Recovery codes" not in set_up(client, person, code="nonono")

    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        text = set_up(client, person)

    assert (
        len(re.findall(r"^[A-Z2-7]{16}$", text.replace('<pre class="oc-codes">', ""), re.M)) == 10
    )
    assert client.get(HOME).status_code == 200
    assert AuditEvent.objects.filter(action="user.second_factor_set").exists()


def test_a_secret_that_was_shown_and_not_used_is_shown_to_nobody_else(person):
    client = sign_in(person)
    first = client.get(SET_UP).text
    shown = Authenticator.objects.get().secret
    assert shown in first
    assert shown not in client.get(SET_UP).text


def test_the_console_is_closed_without_it(person):
    set_up(sign_in(person), person)
    client = sign_in(person)

    for path in (HOME, "/admin/accounts/user/", SET_UP, "/admin/password_change/"):
        assert client.get(path)["Location"].startswith(f"{ASK}?next=")
    assert client.post("/admin/password_change/", {}).status_code == 302
    part = client.get("/admin/console/home/gateways/", headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_a_right_code_opens_it_once(person):
    set_up(sign_in(person), person)
    client, copy = sign_in(person), sign_in(person)
    code = code_of(person, later=1)

    assert prove(client, code)["Location"] == "/admin/accounts/user/"
    assert client.get(HOME).status_code == 200
    assert prove(copy, code).status_code == 200
    assert copy.get(HOME).status_code == 302


def test_no_stranger_is_the_next_page(person):
    set_up(sign_in(person), person)
    answer = sign_in(person).post(
        f"{ASK}?next=https://evil.example/", {"code": code_of(person, later=1)}
    )
    assert answer["Location"] == HOME


def test_after_a_wrong_code_the_right_one_waits(person):
    set_up(sign_in(person), person)
    client = sign_in(person)
    right = code_of(person, later=1)

    prove(client, "000000" if right != "000000" else "000001")
    assert prove(client, right).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        assert prove(client, right).status_code == 302
    outcomes = AuditEvent.objects.filter(action="session.second_factor").order_by("seq")
    assert [event.outcome for event in outcomes] == ["refused", "refused", "ok"]


def test_a_recovery_code_is_good_once(person):
    text = set_up(sign_in(person), person)
    code = re.search(r"\b[A-Z2-7]{16}\b", text)[0]

    assert prove(sign_in(person), f" {code[:8].lower()}-{code[8:]}").status_code == 302
    assert prove(sign_in(person), code).status_code == 200


def test_the_api_asks_for_it_as_well(person):
    set_up(sign_in(person), person)

    assert log_in(person).status_code == 401
    refused = log_in(person, code="12345x")
    assert (refused.status_code, "12345x" in refused.text) == (401, False)
    with time_machine.travel(timezone.now() + timedelta(seconds=30), tick=False):
        assert log_in(person, code=code_of(person)).status_code == 200


def test_sessions_of_the_api_that_were_begun_without_it_end(person):
    token = log_in(person).json()["data"]["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/v1/me", headers=headers).status_code == 200

    set_up(sign_in(person), person)

    assert Client().get("/v1/me", headers=headers).status_code == 401


def test_it_can_be_required(person, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = sign_in(person)

    assert client.get(HOME)["Location"].startswith(f"{OWN}?next=")
    assert SET_UP in client.get(OWN).text
    assert log_in(person).status_code == 401
    set_up(client, person)
    assert client.get(HOME).status_code == 200


def test_who_lost_it_gets_it_taken_away_by_a_command(person):
    set_up(sign_in(person), person)
    call_command("remove_second_factor", person.email)

    assert sign_in(person).get(HOME).status_code == 200
    assert AuditEvent.objects.filter(action="user.second_factor_removed").exists()
    with pytest.raises(CommandError):
        call_command("remove_second_factor", person.email)


def test_the_secret_is_encrypted(person):
    set_up(sign_in(person), person)
    secret = Authenticator.objects.get().secret
    (stored,) = Authenticator.objects.values_list("secret", flat=True)
    assert secret.encode() not in bytes(stored)


def test_wrong_codes_make_nobody_wait_for_days(person):
    set_up(sign_in(person), person)
    client, start = sign_in(person), timezone.now()
    for hour in range(1, 20):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            prove(client, "00000x")
            client = sign_in(person)

    with time_machine.travel(start + timedelta(hours=19, minutes=35), tick=False):
        assert prove(sign_in(person), code_of(person)).status_code == 302


class TestWhoHasStolenThePassword:
    ELSEWHERE = "198.51.100.66"

    @pytest.fixture
    def codes(self, person) -> list[str]:
        """The person has a second factor, proved it at 127.0.0.1, and has these recovery codes."""
        return re.findall(r"\b[A-Z2-7]{16}\b", set_up(sign_in(person), person))

    def thief(self, person) -> Client:
        client = Client(REMOTE_ADDR=self.ELSEWHERE)
        client.post("/admin/login/", {"username": person.email, "password": PASSWORD})
        return client

    def test_comes_from_no_known_address(self, person, codes):
        thief = self.thief(person)
        known = LoginAddress.objects.filter(user=person).values_list("network", flat=True)
        assert list(known) == ["127.0.0.1"]
        prove(thief, codes[0])  # it was the person, who travels
        assert self.ELSEWHERE in known.all()

    def test_keeps_its_owner_from_no_second_step(self, person, codes, monkeypatch, settings):
        monkeypatch.setattr(throttling, "_spend", Counters().ask)
        settings.LOGIN_RATE_LIMIT = "3/300"
        with time_machine.travel(timezone.now(), tick=False):
            thief = self.thief(person)
            for _ in range(5):
                prove(thief, "00000x")

            assert "Rate limit exceeded" in prove(thief, codes[0]).text
            assert prove(sign_in(person), codes[0]).status_code == 302

    def test_is_in_the_audit_without_a_code(self, person, codes):
        assert log_in(person).status_code == 401
        event = AuditEvent.objects.filter(action="session.second_factor").latest("seq")
        assert (event.outcome, event.detail) == ("refused", "no code was sent")

    def test_sets_up_no_other_factor_unseen(self, person, codes):
        set_up(sign_in_proved(person, codes[0]), person, own_password="a guess")
        event = AuditEvent.objects.filter(action="user.second_factor_set").latest("seq")
        assert (event.outcome, event.detail) == ("refused", "wrong own password")

    def test_finds_no_way_below_a_prefix_of_the_site(self, person, codes):
        answer = self.thief(person).get(HOME, SCRIPT_NAME="/sms")
        assert f"{ASK}?next=" in answer["Location"]


def sign_in_proved(person: User, code: str) -> Client:
    client = sign_in(person)
    prove(client, code)
    return client


def test_sessions_of_the_api_end_once_it_is_required(person, settings):
    body = {"refresh_token": log_in(person).json()["data"]["refresh_token"]}
    settings.SECOND_FACTOR_REQUIRED = True
    assert Client().post("/v1/auth/refresh", body, "application/json").status_code == 401
    settings.SECOND_FACTOR_REQUIRED = False
    assert Client().post("/v1/auth/refresh", body, "application/json").status_code == 200


def test_codes_are_renewed_for_those_alone_who_have_a_second_factor(person):
    answer = sign_in(person).post(f"{OWN}codes/", {"own_password": PASSWORD}, follow=True)
    assert "set one up first" in answer.text
    assert not RecoveryCode.objects.exists()
