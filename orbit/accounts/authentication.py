"""DRF authentication: makes a `Caller` of an API key, or of the access token of a session.

/v1 takes no cookies. Both classes raise `ApiError` (401, or 403 for a key's address).
"""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication

from orbit.accounts.actors import Actor
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.callers import Caller
from orbit.accounts.members.selectors import membership
from orbit.accounts.models import ApiKey, Session
from orbit.accounts.organizations.allowed_addresses import is_allowed
from orbit.accounts.scopes import ROLE_SCOPES, effective
from orbit.accounts.sessions import services as sessions
from orbit.api.client_ip import client_address
from orbit.api.errors import ApiError

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="orbit"'}


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: dv_live_sk_…`, or the same as `Authorization: Bearer`."""

    def authenticate(self, request: Any) -> tuple[Caller, ApiKey] | None:
        secret = _presented_key(request)
        if secret is None:
            return None
        try:
            key = api_keys.find(secret)
        except api_keys.KeyRejected as rejected:
            raise ApiError("INVALID_API_KEY", str(rejected), headers=CHALLENGE) from None
        _check_address(key, client_address(request))
        if key.is_operator:
            caller = _operator_key_caller(request, key)
        else:
            caller = _key_caller(request, key)
        api_keys.touch(key)
        return caller, key

    def authenticate_header(self, request: Any) -> str:
        return CHALLENGE["WWW-Authenticate"]


class SessionJwtAuthentication(BaseAuthentication):
    """`Authorization: Bearer` with an access token; each request reads the person's rights anew."""

    def authenticate(self, request: Any) -> tuple[Caller, Session] | None:
        token = _bearer(request)
        if token is None:
            return None
        try:
            session = sessions.of_access_token(token)
        except sessions.TokenExpired:
            raise ApiError(
                "EXPIRED_TOKEN", "The access token has expired; refresh it.", headers=CHALLENGE
            ) from None
        except sessions.TokenRejected as rejected:
            raise ApiError("UNAUTHORIZED", str(rejected), headers=CHALLENGE) from None
        return _session_caller(request, session), session

    def authenticate_header(self, request: Any) -> str:
        return CHALLENGE["WWW-Authenticate"]


def actor_of_request(request: Any, *, type: str, id: str, name: str) -> Actor:
    """Return an actor with the request's address, user agent and id."""
    return Actor(
        type=type,
        id=id,
        name=name,
        address=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        request_id=request.request_id,
    )


def _bearer(request: Any) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _presented_key(request: Any) -> str | None:
    header, bearer = request.META.get("HTTP_X_API_KEY"), _bearer(request)
    if header is None:
        return bearer if bearer and bearer.startswith(api_keys.PREFIX) else None
    if bearer is not None and bearer != header:
        raise ApiError(
            "UNAUTHORIZED",
            "X-API-Key and Authorization name different callers; send one of them.",
            headers=CHALLENGE,
        )
    return header


def _check_address(key: ApiKey, address: str) -> None:
    lists = [key.allowed_ips]
    if key.organization_id:
        lists.append(key.organization.allowed_ips)
    if not all(is_allowed(address, allowed) for allowed in lists):
        raise ApiError(
            "IP_NOT_ALLOWED", f"The key may not be used from {address or 'an unknown address'}."
        )


def _operator_key_caller(request: Any, key: ApiKey) -> Caller:
    return Caller(
        identity=f"key:{key.pk}",
        organization=None,
        actor=actor_of_request(request, type="operator", id=key.pk, name=key.name),
        is_operator=True,
    )


def _key_caller(request: Any, key: ApiKey) -> Caller:
    if key.maker_role is None:
        raise ApiError(
            "INVALID_API_KEY",
            "The person who made the key is no longer an active member of the organisation.",
            headers=CHALLENGE,
        )
    return Caller(
        identity=f"key:{key.pk}",
        organization=key.organization,
        actor=actor_of_request(request, type="api_key", id=key.pk, name=key.name),
        scopes=effective(key.scopes, key.maker_role),
        role=key.maker_role,
        user_id=key.made_by_id,
    )


def _session_caller(request: Any, session: Session) -> Caller:
    user, organization = session.user, session.organization
    member = membership(user, organization)
    if member is None and (organization or not user.is_staff):
        raise ApiError(
            "UNAUTHORIZED", "You are no longer a member of the organisation.", headers=CHALLENGE
        )
    kind = "user" if member else "operator"
    return Caller(
        identity=f"user:{user.pk}:{organization.pk if organization else ''}",
        organization=organization,
        actor=actor_of_request(request, type=kind, id=str(user.pk), name=user.email),
        scopes=ROLE_SCOPES[member.role] if member else frozenset(),
        role=member.role if member else None,
        user_id=user.pk,
        is_operator=user.is_staff,
    )
