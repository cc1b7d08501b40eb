"""Reports find their attempts, also while the key that signed their addresses is replaced."""

from __future__ import annotations

import pytest

from messaging.messages.attempt_tokens import Attempt, attempt_of_dlr_token, dlr_token_of

ATTEMPT = Attempt("msg_0198f3a27b1c7d3e9a51c0ffee0ddba1", 2)


@pytest.mark.parametrize(("is_kept", "found"), [(True, ATTEMPT), (False, None)])
def test_a_message_under_way_is_reported_after_a_rotation(settings, is_kept, found):
    token = dlr_token_of(ATTEMPT)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if is_kept else []
    settings.SECRET_KEY = "new-key-" * 8

    assert attempt_of_dlr_token(token) == found
    assert attempt_of_dlr_token(dlr_token_of(ATTEMPT)) == ATTEMPT


@pytest.mark.parametrize("token", ["", "msg_x.1", "msg_x.1.forged", "msg_x.1.2.3"])
def test_what_this_site_has_not_signed_is_no_attempt(token):
    assert attempt_of_dlr_token(token) is None
