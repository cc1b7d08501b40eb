"""The provider of single sign-on (OpenID Connect, code flow with PKCE), spoken to by Authlib.

Authlib checks state, nonce, signature, issuer, audience and time of what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from joserfc.errors import JoseError

_NAME = "operators"
_TIMEOUT = 10  # seconds for each answer of the provider


class SignInFailed(Exception):
    """The provider confirmed nobody's identity; the text says why, for the operator."""


@dataclass(frozen=True)
class Vouched:
    """`id_token` is what the provider wants to see again when the person signs off."""

    claims: Mapping[str, Any]
    id_token: str = field(repr=False)


def is_set_up() -> bool:
    return bool(settings.OIDC_ISSUER)


def sign_off_address(id_token: str, back: str) -> str:
    """Where the browser signs off at the provider, and is sent `back` from; "" if it has no such
    address, or does not answer: signing off here must not depend on it.

    RP-initiated logout, OpenID Connect. `back` has to be registered there.
    """
    try:
        return _client().create_logout_url(
            back, id_token_hint=id_token, client_id=settings.OIDC_CLIENT_ID
        )["url"]
    except (AuthlibBaseError, OSError, RuntimeError, ValueError):  # RuntimeError: no such address
        return ""


def send_there(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider's sign-in. Raises SignInFailed."""
    back = request.build_absolute_uri(reverse("console:single_sign_on_done"))
    try:
        return _client().authorize_redirect(request, back)
    except (AuthlibBaseError, OSError, ValueError) as error:
        raise SignInFailed(f"The provider can't be reached ({type(error).__name__}).") from error


def vouched(request: HttpRequest) -> Vouched:
    """The provider's claims about the person who signed in. Raises SignInFailed."""
    try:
        token = _client().authorize_access_token(request)
    except (AuthlibBaseError, JoseError, OSError, ValueError) as error:
        raise SignInFailed(f"The sign-in did not work ({type(error).__name__}).") from error
    if not token.get("userinfo"):
        raise SignInFailed("The provider sent no ID token.")
    return Vouched(token["userinfo"], token["id_token"])


def _client() -> Any:
    oauth = OAuth()
    return oauth.register(
        _NAME,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT,
        },
    )
