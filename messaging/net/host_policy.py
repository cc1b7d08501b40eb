"""The host policy as the settings say it."""

from __future__ import annotations

from django.conf import settings

from messaging.net.resolution import HostPolicy


def host_policy() -> HostPolicy:
    """Build it for one request or pass: this machine's own addresses change."""
    return HostPolicy.build(
        allowed=settings.SMPP_ALLOWED_NETWORKS, forbidden=settings.SMPP_FORBIDDEN_NETWORKS
    )
