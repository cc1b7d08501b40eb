"""Sessions of people: a short access token (JWT) and refresh tokens that rotate.

A session is the family of refresh tokens of one login. Each works once; if a used token comes
again, it was copied, and the whole session ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization, RefreshToken, Session, User
from orbit.accounts.sessions import login_limits

ACCESS_LIFETIME = timedelta(minutes=15)
SESSION_LIFETIME = timedelta(days=30)
_REFRESH_PREFIX = "dv_rt_"
_ISSUER = "orbit"
_AUDIENCE = "orbit-api"


class TokenRejected(Exception):
    """The token is not valid; the text says why."""


class TokenExpired(TokenRejected):
    """The access token has expired; a refresh gives the next."""


class TokenReused(TokenRejected):
    """A refresh token was used a second time; its session has ended."""


@dataclass(frozen=True)
class Tokens:
    session: Session
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def start(*, by: Actor, user: User, organization: Organization | None) -> Tokens:
    """Begin a session for a person after the password was checked."""
    session = Session.objects.create(
        user=user,
        organization=organization,
        auth_hash=user.get_session_auth_hash(),
        expires_at=timezone.now() + SESSION_LIFETIME,
    )
    audit.record(by=by, organization=organization, action="session.login", target=user.email)
    login_limits.remember(user, by.address)
    return _issue(session)


def refresh(secret: str) -> Tokens:
    """Use a refresh token and return the next pair of tokens.

    Raises TokenRejected, or TokenReused when it was used before: of two concurrent uses one wins.
    Must run in a transaction that the caller commits on TokenReused too.
    """
    token = _refresh_token(secret)
    session = token.session
    won = RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=timezone.now())
    if not won:
        _end(session)
        raise TokenReused("The refresh token had been used before; sign in again.")
    _check_valid(session)
    return _issue(session)


def end(*, by: Actor, session: Session) -> None:
    """Sign out: all tokens of the session become invalid."""
    if _end(session):
        audit.record(
            by=by,
            organization=session.organization,
            action="session.logout",
            target=session.user.email,
        )


def end_all(user: User) -> None:
    """End every session of the person: they were begun on weaker grounds than now."""
    Session.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())


def session_of_refresh_token(secret: str) -> Session | None:
    """The session of a refresh token, used or expired too; None for an unknown token."""
    try:
        return _refresh_token(secret).session
    except TokenRejected:
        return None


def of_access_token(token: str) -> Session:
    """Return the valid session of an access token; raises TokenExpired, TokenRejected."""
    claims = _claims(token)
    sessions = Session.objects.select_related("user", "organization")
    session = sessions.filter(pk=claims["sid"]).first()
    if session is None:
        raise TokenRejected("The session has ended; sign in again.")
    _check_valid(session)
    return session


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token that SECRET_KEY or one of its fallbacks has signed."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return jwt.decode(
                token,
                _signing_key(key),
                algorithms=["HS256"],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": ["exp", "iat", "aud", "iss", "sub", "sid"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError:
            raise TokenExpired("The access token has expired.") from None
        except (jwt.InvalidTokenError, RecursionError):  # JSON may be nested as deep as it is long
            break
    raise TokenRejected("The access token is not valid.")


def _check_valid(session: Session) -> None:
    over = session.ended_at is not None or session.expires_at <= timezone.now()
    if over or not session.user.is_active:
        raise TokenRejected("The session has ended; sign in again.")
    user = session.user
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    if not any(hmac.compare_digest(session.auth_hash, each) for each in hashes):
        raise TokenRejected("The password has changed; sign in again.")


def _end(session: Session) -> bool:
    living = Session.objects.filter(pk=session.pk, ended_at=None)
    return bool(living.update(ended_at=timezone.now()))


def _issue(session: Session) -> Tokens:
    secret = _REFRESH_PREFIX + secrets.token_hex(32)
    RefreshToken.objects.create(session=session, secret_hash=_hash(secret))
    now = timezone.now()
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(session.user_id),
        "sid": session.pk,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFETIME).timestamp()),
    }
    access = jwt.encode(claims, _signing_key(), algorithm="HS256")
    return Tokens(session, access, secret)


def _refresh_token(secret: str) -> RefreshToken:
    tokens = RefreshToken.objects.select_related("session__user", "session__organization")
    token = tokens.filter(secret_hash=_hash(secret)).first()
    if token is None:
        raise TokenRejected("The refresh token is not valid.")
    return token


def _signing_key(secret_key: str | None = None) -> bytes:
    """Made from SECRET_KEY, or from one of its fallbacks."""
    # The salt stays: access tokens in use are signed with it.
    salt, purpose = "orbit.accounts.sessions", "access token"
    return salted_hmac(salt, purpose, secret_key, algorithm="sha256").digest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
