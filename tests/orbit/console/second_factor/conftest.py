from __future__ import annotations

import pytest

from orbit.accounts.models import User
from tests.factories import make_user
from tests.orbit.console.second_factor.authenticator import SITE, Authenticator, Browser


@pytest.fixture
def person(db, settings) -> User:
    # The requests of these tests come to another host: as behind a proxy, SITE_URL alone counts.
    settings.SITE_URL = SITE
    return make_user("ada@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def phone(person: User) -> Authenticator:
    """The authenticator of a passkey that the person has added."""
    browser = Browser(person)
    browser.add()
    return browser.authenticator
