"""Whether this site answers where the gateways are told to report receipts (DLR_BASE_URL)."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from orbit.bind_address import url_of
from reconciler.receiver.dlr_callback import ACK

PATIENCE = 5.0  # seconds
_FORM = "application/x-www-form-urlencoded"
_HINT = "DLR_BASE_URL is the address of this site as the gateways reach it: http:// or https://."


class _Nothing(Exception):
    """Nothing listens there."""


@register(Tags.security, deploy=True)
def receipts_arrive(app_configs, **kwargs) -> list[CheckMessage]:
    """Ask the door of reports once, with a report of nothing.

    Where the address is our own and nothing listens, the site is not started yet: this check is
    also asked before the start.
    """
    url = settings.DLR_BASE_URL
    try:
        why = _fault(url)
    except _Nothing as error:
        why = str(error)
        if url == url_of(settings.SITE_BIND):
            return [
                Warning(
                    f"DLR_BASE_URL={url}: {why}. Receipts arrive once the web process runs.",
                    hint="Ask again after the start.",
                    id="reconciler.W001",
                )
            ]
    if not why:
        return []
    return [
        Error(f"DLR_BASE_URL={url}: {why}. No receipt arrives.", hint=_HINT, id="reconciler.E002")
    ]


def _fault(url: str) -> str:
    """Why reports do not arrive at this site there; "" if they do. Raises _Nothing."""
    try:
        place = urlsplit(url)
        secure, port = place.scheme == "https", place.port
    except ValueError as error:
        return str(error)
    if place.scheme not in ("http", "https") or not place.hostname:
        return "it is no http:// or https:// address"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(place.hostname, port, timeout=PATIENCE)
    try:
        path = f"{place.path.rstrip('/')}/dlr/check"
        connection.request("POST", path, b"", {"Content-Type": _FORM, "Content-Length": "0"})
        answer = connection.getresponse()
        said = answer.read(len(ACK) + 1).decode("ascii", "replace")
    except ConnectionRefusedError:
        raise _Nothing("connection refused, nothing listens there") from None
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    if answer.status != http.client.OK:
        return f"POST {path} is answered {answer.status} {answer.reason}"
    return "" if said == ACK else "something else than this site answers"
