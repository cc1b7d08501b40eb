"""System check of single sign-on: half of its settings would fail at the first sign-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from orbit.console.roles import PERMISSIONS
from orbit.console.single_sign_on.people import SUPERUSER
from orbit.operations.start_checks import START


@register(Tags.security, START)
def check_single_sign_on(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.OIDC_ISSUER:
        return []
    return [Error(message, hint=hint, id="orbit.E049") for message, hint in _faults()]


def _faults() -> Iterator[tuple[str, str]]:
    if not settings.OIDC_ISSUER.startswith("https://") and not settings.ALLOW_HTTP:
        yield "OIDC_ISSUER is no https:// URL.", "The client's secret would cross the net in clear."
    if not settings.OIDC_CLIENT_ID or not settings.OIDC_CLIENT_SECRET:
        yield "OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is missing.", "The provider hands both out."
    known = [*PERMISSIONS, SUPERUSER]
    unknown = sorted(set(settings.OIDC_ROLES.values()) - set(known))
    if unknown or not settings.OIDC_ROLES:
        named = f" names no role: {', '.join(unknown)}" if unknown else " is empty: nobody gets in"
        yield f"OIDC_ROLES{named}.", f"The roles are: {', '.join(known)}."
