"""Settings of our users."""

from __future__ import annotations

from reconciler.jasmin import user_settings
from reconciler.jcli.users import DEFAULTS
from tests.reconciler.model_objects import USER


def test_only_settings_that_jasmin_has_are_declared():
    assert user_settings.PINNED_USER.keys() == USER.keys()


def test_what_is_not_typed_for_a_new_user_is_what_jasmin_sets_by_itself():
    assert dict(DEFAULTS) == USER


def test_a_user_of_an_access_binds_and_sends_nothing_over_http():
    settings = user_settings.access_user(max_bindings=2, throughput=20)

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
