"""The two requests of a passkey ceremony in a browser: for the options, and with the answer.

passkeys.js fetches the options, has the authenticator sign their challenge, and posts a form with
the answer. In between the challenge is in a cookie that only this site reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from orbit.accounts.models import User
from orbit.accounts.second_factor import relying_party
from orbit.accounts.second_factor.challenges import (
    Challenge,
    ChallengeRefused,
    Purpose,
    lifetime,
)
from orbit.accounts.second_factor.passkeys import PasskeyRefused

_COOKIE, _PATH = "passkey_challenge", "/admin/console/"
_MAX_ANSWER = 32_768  # characters: keys and signatures after the quantum take some thousand


def asked(challenge: Challenge, options: Mapping[str, Any]) -> HttpResponse:
    """The options for the script, and the challenge in its cookie."""
    answer = JsonResponse(options)
    answer.set_cookie(
        _COOKIE,
        challenge.signed(),
        max_age=lifetime(),
        path=_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


def refused(why: str, status: int = 400) -> HttpResponse:
    """The reason that the script shows instead of asking."""
    return JsonResponse({"error": why}, status=status)


def answered(
    request: HttpRequest, purpose: Purpose, user_id: int | None
) -> tuple[Challenge, dict[str, Any]]:
    """The challenge of this browser, and the answer that was posted. Raises PasskeyRefused."""
    text = request.COOKIES.get(_COOKIE, "")
    try:
        challenge = Challenge.read(text, purpose, user_id)
    except ChallengeRefused:
        raise PasskeyRefused("That took too long, or is another browser's. Try again.") from None
    return challenge, _read(request.POST.get("answer", ""))


def over(response: HttpResponse) -> HttpResponse:
    """Delete the browser's challenge: it was answered."""
    response.delete_cookie(_COOKIE, path=_PATH, samesite="Strict")
    return response


def unusable(user: User | None = None) -> str:
    """Why there are no passkeys for this site, or for this person; "" if there are."""
    if not relying_party.name():
        return "Passkeys need a SITE_URL with a name and https://."
    if user is not None and not user.has_usable_password():
        return "You have no password here: the provider that signs you in asks for a second factor."
    return ""


def _read(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text) if len(text) <= _MAX_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise PasskeyRefused("The browser sent no answer of a passkey. Try again.")
    return answer
