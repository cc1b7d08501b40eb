"""The content security policy."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def scripts(answer) -> str:
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    return policy["script-src"]


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors", "/v1/me", "/healthz", "/nothing"])
def test_scripts_are_our_own_files(client, path):
    assert scripts(client.get(path)) == "'self'"


def test_the_console_alone_may_make_functions_of_its_attributes(client):
    assert scripts(client.get("/admin/login/")) == "'self' 'unsafe-eval'"
    assert scripts(client.get("/administration")) == "'self'"


def test_a_page_of_the_console_has_no_script_in_it(admin_client):
    for path in ("/admin/login/", "/admin/", "/admin/messaging/credential/"):
        text = admin_client.get(path, follow=True).text
        inline = [tag for tag in text.split("<script")[1:] if "src=" not in tag.split(">")[0]]
        assert inline == []
        assert not any(f" on{event}=" in text for event in ("click", "load", "change", "submit"))
