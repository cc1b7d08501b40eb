"""Half of the settings of single sign-on stops the start."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from orbit.operations.start_checks import refuse_senseless_settings

RIGHT = {
    "OIDC_ISSUER": "https://id.example.com",
    "OIDC_CLIENT_ID": "orbit",
    "OIDC_CLIENT_SECRET": "a-secret-of-the-client",
    "OIDC_ROLES": {"sms-admins": "Admin", "sms-root": "Superuser"},
    "ALLOW_HTTP": False,
}


def found(settings, **changes) -> list[str]:
    for name, value in (RIGHT | changes).items():
        setattr(settings, name, value)
    return [message.msg for message in run_checks() if message.id == "orbit.E049"]


def test_a_whole_set_is_fine(settings):
    assert found(settings) == []
    assert found(settings, OIDC_ISSUER="", OIDC_ROLES={}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://id.example.com"),
        ("OIDC_CLIENT_ID", ""),
        ("OIDC_CLIENT_SECRET", ""),
        ("OIDC_ROLES", {}),
        ("OIDC_ROLES", {"sms-admins": "Emperor"}),
    ],
)
def test_what_is_missing_or_wrong_is_named(settings, name, value):
    (message,) = found(settings, **{name: value})
    assert name in message
    assert RIGHT["OIDC_CLIENT_SECRET"] not in message


def test_web_processes_and_workers_do_not_start_with_half_of_them(settings):
    found(settings, OIDC_CLIENT_SECRET="")
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_SECRET"):
        refuse_senseless_settings()
