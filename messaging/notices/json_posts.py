"""Sends a notice as JSON to a web server, by the client of webhooks.

That client bounds the time and the length of an answer, judges each address, and uses no proxy. The
URL and the fields are those of Apprise: `jsons://USER:PASSWORD@HOST:PORT/PATH`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from messaging.webhooks.client import PostError, WebhookClient
from messaging.webhooks.endpoints import Endpoint, parse

SCHEMES = {"json": "http", "jsons": "https"}
_USER_AGENT = "Orbit-Notices/1.0"


def target_of(url: str) -> tuple[Endpoint, dict[str, str]]:
    """Where `url` leads, and the headers of its user. Raises ValueError, without the URL."""
    if "?" in url or "#" in url:
        raise ValueError("It takes no parameters.")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("It is no URL.") from None
    user, at, address = parts.netloc.rpartition("@")
    endpoint = parse(f"{SCHEMES[parts.scheme]}://{address}{parts.path}")
    if not at:
        return endpoint, {}
    return endpoint, {"Authorization": f"Basic {b64encode(unquote(user).encode()).decode()}"}


def address_of(url: str) -> str:
    """The address that it posts to, without user and password; "" where another service sends.
    Raises ValueError, without the URL."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in SCHEMES:
        return ""
    target_of(url)
    return f"{SCHEMES[scheme.lower()]}://{rest.rpartition('@')[2]}"


def send(url: str, *, title: str, body: str, is_over: bool) -> None:
    """Raises ValueError, PostError."""
    endpoint, headers = target_of(url)
    said = {
        "version": "1.0",
        "title": title,
        "message": body,
        "attachments": [],
        "type": "success" if is_over else "failure",
    }
    headers |= {"Content-Type": "application/json", "User-Agent": _USER_AGENT}
    with WebhookClient() as client:
        answer = client.post(endpoint, json.dumps(said).encode(), headers)
    if not 200 <= answer.status < 300:
        raise PostError(f"the server did not take it ({answer.status})")
