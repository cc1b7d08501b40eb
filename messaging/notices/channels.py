"""Sends a notice to one recipient through Apprise: by mail, Slack, PagerDuty or a JSON post.

A URL of Apprise may do much more than that (run programs, read files, skip the check of a
certificate), so few schemes and parameters are taken. While Apprise sends, the host policy of
webhooks judges each name that it looks up (`messaging/net/judged.py`), and it follows no redirect.
"""

from __future__ import annotations

import logging

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
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
    return _read(url)[0]


def send(url: str, *, title: str, body: str, incident: str, is_over: bool) -> None:
    """Send a notice to `url`; `incident` is its key at PagerDuty. Raises NotTold."""
    try:
        scheme, plugin = _read(url)
    except BadUrl as error:
        raise NotTold(str(error)) from None
    if scheme == "pagerduty":
        plugin.dedup, plugin.action = incident, "map"
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


def _read(url: str) -> tuple[str, NotifyBase]:
    """The scheme of a URL, and what sends to it. Raises BadUrl."""
    if len(url) > MAX_URL or any(not each.isprintable() or each == " " for each in url):
        raise BadUrl(f"It has at most {MAX_URL} characters, and no spaces.")
    scheme = url.partition("://")[0].lower()
    if scheme not in SERVICES:
        raise BadUrl(f"It begins with one of {', '.join(f'{each}://' for each in SERVICES)}.")
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
    return scheme, plugin
