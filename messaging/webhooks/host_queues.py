"""What shares one queue of deliveries."""

from __future__ import annotations

import hashlib

from messaging.webhooks.endpoints import parse


def lane_of(organization_id: str, url: str) -> str:
    """An organisation's URLs of one scheme, host and port.

    A slow server holds up its own lane, however many URLs point at it, and nobody else's.
    """
    endpoint = parse(url)
    return f"{organization_id} {endpoint.scheme}://{endpoint.authority}"


def cache_key(lane: str, use: str) -> str:
    """Of a lane: short, and without the characters that some caches refuse."""
    return f"webhooks:{use}:{hashlib.sha256(lane.encode()).hexdigest()[:32]}"
