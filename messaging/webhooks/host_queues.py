"""Lanes: one queue of deliveries for each organisation and server."""

from __future__ import annotations

import hashlib

from messaging.webhooks.endpoints import parse


def lane_of(organization_id: str, url: str) -> str:
    """The lane of an organisation's URLs with this scheme, host and port.

    A slow server holds up its own lane alone, however many URLs point at it.
    """
    endpoint = parse(url)
    return f"{organization_id} {endpoint.scheme}://{endpoint.authority}"


def organization_of(lane: str) -> str:
    return lane.partition(" ")[0]


def cache_key(lane: str, use: str) -> str:
    """A lane's key for this use: short, and without the characters that some caches refuse."""
    return f"webhooks:{use}:{hashlib.sha256(lane.encode()).hexdigest()[:32]}"
