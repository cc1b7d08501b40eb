"""A check that this site answers at DLR_BASE_URL, where stock Jasmins report receipts."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from urllib3.exceptions import HTTPError

from orbit.bind_address import url_of
from reconciler.gateway_client.jasmin_http import cause_of
from reconciler.receiver.dlr_callback import ACK

PATIENCE = 5.0  # seconds
_FORM = "application/x-www-form-urlencoded"
_HINT = (
    "DLR_BASE_URL is the address of this site as the gateways reach it: http:// or https://. "
    "404 also means that the request did not come out of GATEWAY_TRUSTED_NETWORKS."
)


class _Nothing(Exception):
    """Nothing listens there."""


@register(Tags.security, deploy=True)
def receipts_arrive(app_configs, **kwargs) -> list[CheckMessage]:
    """POST an empty report there once.

    At our own address a refused connection is only a warning: this check also runs before the
    start of the site.
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
    """Return why reports to `url` do not arrive at this site; "" if they do. Raises _Nothing."""
    try:
        place = urlsplit(url)
        _ = place.port  # ValueError where it is no number
    except ValueError as error:
        return str(error)
    if place.scheme not in ("http", "https") or not place.hostname:
        return "it is no http:// or https:// address"
    path = f"{place.path.rstrip('/')}/dlr/check"
    try:
        status, reason, text = _post(f"{place.scheme}://{place.netloc}{path}")
    except HTTPError as error:
        cause = cause_of(error)
        if isinstance(cause, ConnectionRefusedError):
            raise _Nothing("connection refused, nothing listens there") from None
        if isinstance(cause, TimeoutError):
            return f"no answer within {PATIENCE:g} s"
        return f"{type(cause).__name__}: {cause}"
    if status != HTTPStatus.OK:
        return f"POST {path} is answered {status} {reason}"
    return "" if text == ACK else "something else than this site answers"


def _post(url: str) -> tuple[int, str | None, str]:
    """POST an empty form; return status, reason and the start of the text of the answer."""
    with urllib3.PoolManager(retries=False, timeout=PATIENCE) as http:
        answer = http.request(
            "POST",
            url,
            body=b"",
            headers={"Content-Type": _FORM},
            redirect=False,
            preload_content=False,
        )
        try:
            text = answer.read(len(ACK) + 1).decode("ascii", "replace")
            return answer.status, answer.reason, text
        finally:
            answer.close()
