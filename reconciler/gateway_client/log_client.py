"""Reads one gateway's log: `GET /lane/log`, a long poll (`gateway_api.LOG`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from reconciler import gateway_api
from reconciler.models import Gateway

WAIT = 20.0  # seconds that the gateway may hold an answer back while it has nothing new
MARGIN = 10.0  # seconds on top of it, for the network
MOST = gateway_api.MOST_RECORDS  # in one answer, and so in one transaction
MOST_OCTETS = 32_000_000  # of an answer


class LogAway(Exception):
    """The log can't be read now; `str()` says why. `public`: the same without addresses."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"HTTP API {where}: {why}")
        self.public = why


class OtherLog(Exception):
    """The gateway does not have the log that was asked for: its store is new."""


@dataclass(frozen=True)
class Page:
    """`records` follow the offset that was asked for; `last`: number of the newest there is."""

    log: str
    last: int
    records: list[dict[str, Any]]


class LogClient:
    """One gateway's log, over one connection that is kept open."""

    def __init__(self, gateway: Gateway) -> None:
        self._url = gateway.http_url.rstrip("/") + gateway_api.LOG
        self._where = urlsplit(gateway.http_url).netloc
        self._headers = urllib3.make_headers(
            basic_auth=f"{gateway.jcli_username}:{gateway.jcli_password}"
        )
        timeout = urllib3.Timeout(connect=3.0, read=WAIT + MARGIN)
        self._http = urllib3.PoolManager(maxsize=1, retries=False, timeout=timeout)

    def read(self, log: str, after: int, *, wait: float = WAIT) -> Page:
        """Return records after `after` of `log`; ask for "" and 0 before a log is known.

        The question tells the gateway that all records up to `after` are applied: it may forget
        them. Raises LogAway, OtherLog.
        """
        question = {"after": after, "wait": f"{wait:g}", "limit": MOST}
        if log:
            question["log"] = log
        address = f"{self._url}?{urlencode(question)}"
        try:
            answer = self._http.request(
                "GET", address, headers=self._headers, redirect=False, preload_content=False
            )
            try:
                body = answer.read(MOST_OCTETS)
            finally:
                answer.release_conn()
        except HTTPError as error:
            raise LogAway(self._where, _why(error)) from error
        if answer.status == 409:
            raise OtherLog
        if answer.status != 200:
            raise LogAway(self._where, f"HTTP {answer.status} to {gateway_api.LOG}")
        return self._page(body, after)

    def close(self) -> None:
        self._http.clear()

    def _page(self, body: bytes, after: int) -> Page:
        try:
            answered = json.loads(body)
            page = Page(str(answered["log"]), int(answered["last"]), list(answered["records"]))
            numbers = [int(each["n"]) for each in page.records]
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise LogAway(self._where, "its log can't be read") from error
        if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= after):
            raise LogAway(self._where, "its log is not in order")
        return page


def _why(error: HTTPError) -> str:
    name = type(error).__name__
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "connection refused"
    return "no answer" if "Timeout" in name else f"it closed the connection ({name})"
