"""Telling somebody, by Apprise: mail, Slack, PagerDuty, a web server of theirs.

A URL of Apprise may do much more than that (run programs, read files, skip the check of a
certificate), so few schemes and parameters are taken. While Apprise sends, each name that it looks
up is judged by the host policy of webhooks (`messaging/net/judged.py`), and it follows no redirect.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, urlsplit

from apprise import AppriseAsset, NotifyBase, NotifyType
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.pagerduty import NotifyPagerDuty
from apprise.plugins.slack import NotifySlack

from messaging.net.judged import judged
from messaging.webhooks.endpoints import host_policy

MAX_URL = 2048
_MAIL = frozenset({"to", "from", "name", "cc", "bcc", "smtp", "mode"})
_NONE: frozenset[str] = frozenset()
# By scheme: what sends it, and the parameters that may be in its URL. Apprise's own list of its
# services, over a hundred, is never loaded.
SERVICES: dict[str, tuple[type[NotifyBase], frozenset[str]]] = {
    "mailto": (NotifyEmail, _MAIL),
    "mailtos": (NotifyEmail, _MAIL),
    "slack": (NotifySlack, _NONE),
    "pagerduty": (
        NotifyPagerDuty,
        frozenset({"region", "group", "class", "component"}),
    ),
    "json": (NotifyJSON, _NONE),
    "jsons": (NotifyJSON, _NONE),
}
# It warns with URLs and answers, which may hold secrets.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class BadUrl(ValueError):
    """The URL is not taken; the message says why, without it."""


class NotTold(Exception):
    """It was not sent; the message says why, without the URL."""


def scheme_of(url: str) -> str:
    """The scheme of a URL that is taken. Raises BadUrl."""
    if len(url) > MAX_URL or any(not each.isprintable() or each == " " for each in url):
        raise BadUrl(f"It has at most {MAX_URL} characters, and no spaces.")
    scheme = url.partition("://")[0].lower()
    if scheme not in SERVICES:
        raise BadUrl(f"It begins with one of {', '.join(f'{each}://' for each in SERVICES)}.")
    try:
        query = urlsplit(url).query
    except ValueError:
        raise BadUrl("It is no URL.") from None
    parameters = SERVICES[scheme][1]
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name.lower() not in parameters:
            taken = ", ".join(sorted(parameters)) or "none"
            raise BadUrl(f"Of parameters it takes {taken}.")
    _plugin(scheme, url)
    return scheme


def send(url: str, *, title: str, body: str, incident: str, is_over: bool) -> None:
    """Raises NotTold. `incident`: what PagerDuty knows it by, to resolve it."""
    try:
        scheme = scheme_of(url)
        plugin = _plugin(scheme, url)
    except BadUrl as error:
        raise NotTold(str(error)) from None
    if scheme == "pagerduty":
        plugin.dedup, plugin.action = incident, "map"
    refused: list[str] = []
    with judged(host_policy(), refused):
        try:
            told = plugin.notify(
                title=title,
                body=body,
                notify_type=NotifyType.SUCCESS if is_over else NotifyType.FAILURE,
            )
        except Exception as error:  # of its plugins, with the URL in it
            raise NotTold(f"it failed ({type(error).__name__})") from None
    if refused:
        raise NotTold(refused[0])
    if not told:
        raise NotTold("the server did not take it, or did not answer")


def _plugin(scheme: str, url: str) -> NotifyBase:
    service = SERVICES[scheme][0]
    asset = AppriseAsset(async_mode=False, http_redirects=False, secure_logging=True)
    try:
        parsed = service.parse_url(url)
        if parsed:
            return service(**parsed | {"asset": asset})
    except Exception:  # of any kind, with the URL in it
        parsed = None
    raise BadUrl("Apprise does not read it: see its page of this service.")
