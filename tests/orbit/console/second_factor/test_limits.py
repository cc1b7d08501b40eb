"""Who tries too often has to wait, and is told so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from orbit.accounts.models import RecoveryCode
from orbit.api import throttling
from tests.factories import PASSWORD
from tests.orbit.console.second_factor.authenticator import PROVE, SIGN_IN, Browser
from tests.orbit.counters import Counters

pytestmark = pytest.mark.django_db
ASK = "/admin/console/second-factor/"
CODES = f"{ASK}set-up/codes/"


@pytest.fixture
def few_tries(phone, monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[None]:
    """Three tries of each kind, counted from here on while the clock stands still."""
    monkeypatch.setattr(throttling, "_spend", Counters().ask)
    settings.LOGIN_RATE_LIMIT = "3/300"
    with time_machine.travel(timezone.now(), tick=False):
        yield


def codes() -> list[str]:
    return list(RecoveryCode.objects.order_by("pk").values_list("code_hash", flat=True))


def test_answers_of_a_passkey_have_to_wait_and_the_person_is_told(person, phone, few_tries):
    browser = Browser(person, phone)
    for _ in range(3):
        browser.send(PROVE, {})

    refused = browser.prove()

    assert refused["Location"].startswith(ASK)
    assert "Rate limit exceeded" in browser.get(refused["Location"]).text
    assert not browser.is_inside()


def test_sign_ins_from_an_address_have_to_wait_and_are_told(phone, few_tries):
    browser = Browser(authenticator=phone)
    for _ in range(3):
        browser.send(SIGN_IN, {})

    refused = browser.sign_in()

    assert "Rate limit exceeded" in browser.get(refused["Location"]).text
    assert not browser.is_inside()


def test_guesses_at_the_own_password_have_to_wait(person, phone, few_tries):
    browser = Browser(person, phone)
    browser.prove()
    before = codes()
    for _ in range(3):
        browser.post(CODES, {"own_password": "a guess"})

    refused = browser.post(CODES, {"own_password": PASSWORD}, follow=True)

    assert "Rate limit exceeded" in refused.text
    assert codes() == before
