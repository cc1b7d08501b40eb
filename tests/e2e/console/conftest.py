"""A browser on the running site that minds what no test asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.factories import PASSWORD, make_user
from tests.fixtures.site import Site

CHROMIUM = "/usr/bin/chromium-headless-shell"  # Debian's
PATIENCE = 30_000  # milliseconds, for a machine that has other things to do


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch:
        # Playwright runs a loop in this thread; Django takes it for a reason to refuse its ORM.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox"],  # it refuses to start as root otherwise
            )
            yield chromium
            chromium.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`open_page(width=400)`: a window of its own on the site, or on another (`base_url`). At the
    end of the test nothing may be in its console, nothing may have come from outside (but from
    `besides`), and no answer may be a 5xx."""
    faults: list[str] = []
    contexts = []

    def watch(page: Page, ours: tuple[str, ...], others: tuple[str, ...]) -> Page:
        page.on("console", lambda said: _note(faults, said, others))
        page.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
        page.on("request", lambda sent: _note_request(faults, sent.url, (*ours, *others)))
        page.on(
            "response",
            lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None,
        )
        return page

    def make(
        *,
        width: int = 1280,
        height: int = 900,
        base_url: str = site.base_url,
        besides: Sequence[str] = (),
        **options: object,
    ) -> Page:
        context = browser.new_context(
            base_url=base_url, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return watch(context.new_page(), (base_url,), tuple(besides))

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@cache
def _hash() -> str:
    """PASSWORD as the site keeps it, which knows nothing of the quick one that tests have."""
    return make_password(PASSWORD, hasher=PBKDF2PasswordHasher())


@pytest.fixture
def sign_in(open_page: Callable[..., Page], site: Site) -> Callable[..., Page]:
    """The same on the console's home, in the session of a superuser. What the form of the sign-in
    does is shown by the tests of the second factor and of passkeys."""
    person = make_user(password=None, is_staff=True, is_superuser=True)
    person.password = _hash()
    person.save()

    def make(**options: object) -> Page:
        page = open_page(**options)
        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        url = options.get("base_url") or site.base_url
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}]
        )
        page.goto("/admin/")
        page.wait_for_selector("#nav-sidebar", state="attached")
        return page

    return make


@pytest.fixture
def shared_cache(site: Site, settings: Any) -> None:
    """The site's cache in this process too, for what tests put there for it to show."""
    here = settings.CACHES["default"]
    settings.CACHES = {"default": here | {"LOCATION": site.environ["REDIS_URL"]}}


def _note(faults: list[str], said: ConsoleMessage, others: tuple[str, ...]) -> None:
    is_ours = not others or not said.location["url"].startswith(others)
    if is_ours and said.type in ("error", "warning"):
        faults.append(f"console {said.type}: {said.text} {said.location}")


def _note_request(faults: list[str], url: str, known: tuple[str, ...]) -> None:
    if not url.startswith((*known, "data:", "blob:")):
        faults.append(f"from outside: {url}")
