"""URLs that events are posted to: their syntax, and the addresses that they may lead to."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from messaging.net.host_policy import HostPolicy
from messaging.net.hostnames import normalise_host
from messaging.net.request_lookups import addresses_for_request
from messaging.net.resolution import HostRefused, ResolveError
from messaging.webhooks.models import MAX_URL
from orbit.api.errors import ApiError

EXPECTED = "an https:// URL of a public host, at most 2048 characters, without user and fragment"
_PORTS = {"https": 443, "http": 80}
_WRITABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Endpoint:
    """The parts of a URL. `host` is normalised, `target` goes into the request line."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Value of the header Host (RFC 9110 §7.2): with a port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@functools.lru_cache(maxsize=1024)
def parse(url: str) -> Endpoint:
    """The parts of `url`. Raises ValueError that says what is wrong with it.

    Strict: a URL that two parsers could read in two ways is refused, since the policy and the
    server might disagree.
    """
    if len(url) > MAX_URL:
        raise ValueError(f"A URL has at most {MAX_URL} characters, this has {len(url)}.")
    if not _WRITABLE.fullmatch(url) or "\\" in url:
        raise ValueError(
            "Write it in ASCII without spaces: percent-encode the path, xn--… for the host."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("Not a URL: https://HOST[:PORT]/PATH.") from None
    _check_parts(url, parts)
    host = normalise_host(parts.hostname or "")
    endpoint = Endpoint(
        parts.scheme,
        host,
        _PORTS[parts.scheme] if port is None else port,
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    if endpoint.port == 0 or not _is_plain(parts, port):
        raise ValueError("Not a URL: https://HOST[:PORT]/PATH.")
    return endpoint


def postable(url: str) -> Endpoint:
    """`parse`, for HTTPS alone unless WEBHOOK_ALLOW_HTTP is set. Raises ValueError."""
    endpoint = parse(url)
    if not endpoint.tls and not settings.WEBHOOK_ALLOW_HTTP:
        raise ValueError("Only https:// is posted to.")
    return endpoint


def host_policy() -> HostPolicy:
    """Public addresses, and none of ours but those in WEBHOOK_ALLOWED_NETWORKS.

    Built for one use: this machine's own addresses change.
    """
    return HostPolicy.build(
        allowed=settings.WEBHOOK_ALLOWED_NETWORKS, forbidden=settings.SMPP_FORBIDDEN_NETWORKS
    )


def check(
    url: str,
    *,
    field: str = "url",
    look_up: bool = True,
    policy: Callable[[], HostPolicy] | None = None,
    owner: str = "",
) -> None:
    """Raise INVALID_WEBHOOK_URL on `field` if a URL that `parse` takes leads where it must not.

    A name that does not resolve passes: each attempt asks again. Slow (up to 3 s), unless
    `look_up` is false: then only an address in place of a name is judged. `policy` gives another
    than `host_policy`, perhaps one for many URLs. `owner`: the organisation that asks.
    """
    host = parse(url).host
    if not look_up and not _is_address(host):
        return
    try:
        allowed = (policy or host_policy)()
        addresses_for_request(host, allowed, owner=owner)
    except ResolveError:
        return
    except HostRefused as error:
        raise ApiError(
            "INVALID_WEBHOOK_URL", f"{field}: {error}.", field=field, details={"expected": EXPECTED}
        ) from None


def _check_parts(url: str, parts: SplitResult) -> None:
    if parts.scheme not in _PORTS:
        raise ValueError("Write the whole URL: https://HOST[:PORT]/PATH.")
    if "@" in parts.netloc:
        raise ValueError("No user and password: what is posted is signed instead.")
    if "#" in url:
        raise ValueError("A fragment (#…) is never sent: leave it out.")


def _is_plain(parts: SplitResult, port: int | None) -> bool:
    """Whether the authority is nothing but the host and the port that were read from it."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return parts.netloc.lower() == (host if port is None else f"{host}:{port}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
