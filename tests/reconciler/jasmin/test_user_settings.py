"""Settings of our users."""

from __future__ import annotations

import pytest

from reconciler.jasmin import user_settings
from reconciler.jcli import users
from reconciler.jcli.users import DEFAULTS
from tests.reconciler.model_objects import USER


def test_only_settings_that_jasmin_has_are_declared():
    assert user_settings.PINNED_USER.keys() == USER.keys()


def test_what_is_not_typed_for_a_new_user_is_what_jasmin_sets_by_itself():
    assert dict(DEFAULTS) == USER


def access_user(*, allowed_ips, capabilities) -> dict[str, str]:
    return user_settings.access_user(
        max_bindings=2, throughput=20, allowed_ips=allowed_ips, capabilities=capabilities
    )


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ([], "ND"),
        (["198.51.100.7", "2001:DB8::/48"], "198.51.100.7/32,2001:db8::/48"),
        ([" 198.51.100.7/24 "], "198.51.100.0/24"),
        (["::1%ok, ko"], "::1/128"),  # a zone could hold anything
    ],
)
def test_allowed_addresses_are_spelled_one_way(written, typed):
    settings = access_user(allowed_ips=written, capabilities={"origins"})

    assert settings["smpps_cred quota allowed_ips"] == typed


def test_a_hundred_allowed_addresses_can_be_typed_and_change_in_place():
    longest = [f"2001:db8:{n:x}:ffff:ffff:ffff:ffff:ffff/128" for n in range(0xF000, 0xF064)]
    value = user_settings.access_user(
        max_bindings=2, throughput=None, allowed_ips=longest, capabilities={"origins"}
    )["smpps_cred quota allowed_ips"]

    command = users.update("acme", {"smpps_cred quota allowed_ips": value})

    assert f"smpps_cred quota allowed_ips {value}" in command.lines


def test_a_user_of_an_access_binds_and_sends_nothing_over_http():
    settings = access_user(allowed_ips=["198.51.100.7"], capabilities=())

    assert settings.keys() == USER.keys()
    assert {key: value for key, value in settings.items() if USER[key] != value} == {
        user_settings.SENDS: "False",
        "mt_messaging_cred authorization http_long_content": "False",
        "mt_messaging_cred quota smpps_throughput": "20.0",
        "smpps_cred quota max_bindings": "2",
    }


def test_a_user_of_a_credential_never_binds():
    assert user_settings.PINNED_USER["smpps_cred authorization bind"] == "False"
    assert user_settings.PINNED_USER["mt_messaging_cred authorization smpps_send"] == "False"
