"""Who this site is for passkeys: its name (RP ID) and origin, both of SITE_URL.

Never of the request: behind a proxy that says what the proxy was told, or what a stranger wrote.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import idna
from django.conf import settings


def name() -> str:
    """The RP ID; "" if browsers have no passkeys for SITE_URL (they want a name, and HTTPS)."""
    url = urlsplit(settings.SITE_URL)
    host = (url.hostname or "").rstrip(".")
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (url.scheme == "https" or is_local):
        return ""
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ""


def origin() -> str:
    """The origin as browsers write it, without the scheme's default port."""
    url = urlsplit(settings.SITE_URL)
    host = name() or url.hostname or ""
    usual = {"http": 80, "https": 443}.get(url.scheme)
    port = "" if url.port in (None, usual) else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
