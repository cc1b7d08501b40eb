"""Sends a notice to one recipient: by mail, Slack and PagerDuty through Apprise, or as JSON.

A URL of Apprise may do much more than that (run programs, read files, skip the check of a
certificate), so few schemes and parameters are taken. While Apprise sends, the host policy of
webhooks judges each name that it looks up (`messaging/net/judged.py`), and it follows no redirect.
"""

from __future__ import annotations

import logging

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.pagerduty import NotifyPagerDuty
from apprise.plugins.slack import NotifySlack

from messaging.net.judged import judged
from messaging.notices import json_posts
from messaging.webhooks.client import PostError
from messaging.webhooks.endpoints import host_policy

MAX_URL = 2048
_MAIL = frozenset({"to", "from", "name", "cc", "bcc", "smtp", "mode"})
# By scheme: what sends it, and the parameters that may be in its URL. Apprise's own list of its
# services, over a hundred, is never loaded.
SERVICES: dict[str, tuple[type[NotifyBase], frozenset[str]]] = {
    "mailto": (NotifyEmail, _MAIL),
    "mailtos": (NotifyEmail, _MAIL),
    "slack": (NotifySlack, frozenset()),
    "pagerduty": (
        NotifyPagerDuty,
        frozenset({"region", "group", "class", "component"}),
    ),
}
SCHEMES = (*SERVICES, *json_posts.SCHEMES)
# Apprise warns with URLs and answers, which may hold secrets; urllib3 logs each path for debugging,
# and Slack's token is one.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class BadUrl(ValueError):
    """The URL is not taken; the message says why, without it."""


class NotTold(Exception):
    """It was not sent; the message says why, without the URL."""


def scheme_of(url: str) -> str:
    """The scheme of a URL that is taken. Raises BadUrl."""
    if len(url) > MAX_URL or any(not each.isprintable() or each == " " for each in url):
        raise BadUrl(f"It has at most {MAX_URL} characters, and no spaces.")
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise BadUrl(f"It begins with one of {', '.join(f'{each}://' for each in SCHEMES)}.")
    if scheme in SERVICES:
        _plugin(scheme, url)
        return scheme
    try:
        json_posts.target_of(url)
    except ValueError as error:
        raise BadUrl(str(error)) from None
    return scheme


def send(url: str, *, title: str, body: str, incident: str, is_over: bool) -> None:
    """Send a notice to `url`; `incident` is its key at PagerDuty. Raises NotTold."""
    try:
        scheme = scheme_of(url)
        if scheme in json_posts.SCHEMES:
            json_posts.send(url, title=title, body=body, is_over=is_over)
            return
        plugin = _plugin(scheme, url)
    except (BadUrl, PostError) as error:
        raise NotTold(str(error)) from None
    if scheme == "pagerduty":
        plugin.dedup, plugin.action = incident, "map"
    _notify(plugin, title=title, body=body, is_over=is_over)


def _plugin(scheme: str, url: str) -> NotifyBase:
    """What sends to this URL. Raises BadUrl."""
    service, taken = SERVICES[scheme]
    asset = AppriseAsset(async_mode=False, http_redirects=False, secure_logging=True)
    try:
        parsed = service.parse_url(url)
        plugin = service(**parsed | {"asset": asset})
    except Exception:  # of any kind, with the URL in it
        raise BadUrl("Apprise does not read it: see its page of this service.") from None
    # As Apprise reads them: it also takes those behind a `#`, where other parsers see a fragment.
    if parsed["qsd"].keys() - taken - {""}:
        raise BadUrl(f"Of parameters it takes {', '.join(sorted(taken)) or 'none'}.")
    return plugin


def _notify(plugin: NotifyBase, *, title: str, body: str, is_over: bool) -> None:
    """Have Apprise send. Raises NotTold."""
    sender = Apprise(asset=plugin.asset)
    sender.add(plugin)
    refused: list[str] = []
    with judged(host_policy(), refused):
        try:
            told = sender.notify(
                title=title,
                body=body,
                body_format=NotifyFormat.TEXT,  # names are no HTML and no Markdown
                notify_type=NotifyType.SUCCESS if is_over else NotifyType.FAILURE,
            )
        except Exception as error:  # of its plugins, with the URL in it
            raise NotTold(f"it failed ({type(error).__name__})") from None
    if refused:
        raise NotTold(refused[0])
    if not told:
        raise NotTold("the server did not take it, or did not answer")
