"""Access tokens: what they open, and when they stop."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from orbit.accounts.models import Member, Session, User
from orbit.accounts.sessions import services as sessions
from tests.factories import make_member, make_session

pytestmark = pytest.mark.django_db


def me(client, token: str):
    return client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_expires_after_fifteen_minutes(client):
    tokens = make_session(make_member())
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        late = me(client, tokens.access)
    assert error(late) == (401, "EXPIRED_TOKEN")


def test_the_role_is_read_on_every_request(client):
    member = make_member(role="owner")
    tokens = make_session(member)
    Member.objects.filter(pk=member.pk).update(role="viewer")
    assert me(client, tokens.access).json()["data"]["role"] == "viewer"


def test_a_member_who_left_is_refused(client):
    member = make_member()
    tokens = make_session(member)
    member.delete()
    assert error(me(client, tokens.access)) == (401, "UNAUTHORIZED")


def test_a_deactivated_user_is_refused(client):
    member = make_member()
    tokens = make_session(member)
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert error(me(client, tokens.access)) == (401, "UNAUTHORIZED")


def test_a_new_password_ends_the_sessions_of_the_old_one(client):
    member = make_member()
    tokens = make_session(member)
    member.user.set_password("another-long-password")
    member.user.save()
    assert error(me(client, tokens.access)) == (401, "UNAUTHORIZED")
    with pytest.raises(sessions.TokenRejected):
        sessions.refresh(tokens.refresh)


@pytest.mark.parametrize(
    "forge",
    [
        lambda claims, key: jwt.encode(claims, "another-key-of-32-bytes-or-more-long", "HS256"),
        lambda claims, key: jwt.encode(claims, None, "none"),
        lambda claims, key: jwt.encode({**claims, "aud": "else"}, key, "HS256"),
        lambda claims, key: jwt.encode({**claims, "iss": "else"}, key, "HS256"),
        lambda claims, key: "not.a.token",
        lambda claims, key: "",
    ],
    ids=["key", "none", "audience", "issuer", "garbage", "empty"],
)
def test_a_forged_token_is_refused(client, forge):
    access = make_session(make_member()).access
    claims = jwt.decode(access, options={"verify_signature": False})
    assert error(me(client, forge(claims, sessions._signing_key()))) == (401, "UNAUTHORIZED")


def test_sessions_go_on_while_the_old_secret_key_is_a_fallback(client, settings):
    tokens, old = make_session(make_member()), settings.SECRET_KEY
    settings.SECRET_KEY = "new-key-" * 8
    assert error(me(client, tokens.access)) == (401, "UNAUTHORIZED")

    settings.SECRET_KEY_FALLBACKS = [old]
    assert me(client, tokens.access).status_code == 200
    with transaction.atomic():
        renewed = sessions.refresh(tokens.refresh)

    settings.SECRET_KEY_FALLBACKS = []
    assert me(client, tokens.access).status_code == 401
    assert renewed.access != tokens.access


def test_an_old_key_signs_nothing_new(client, settings):
    member, old = make_member(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-key-" * 8, [old]
    tokens = make_session(member)

    settings.SECRET_KEY_FALLBACKS = []
    assert me(client, tokens.access).status_code == 200


def test_a_session_that_was_removed_is_refused(client):
    tokens = make_session(make_member())
    Session.objects.all().delete()
    refused = me(client, tokens.access)
    assert error(refused) == (401, "UNAUTHORIZED")
    assert "sign in again" in refused.json()["error"]["message"]
