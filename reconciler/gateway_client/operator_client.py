"""Requests of the site to our launcher beside submits and the log, as the console's user: texts for
platforms, lists of opted-out numbers, what the gateway has, draining, traces (`gateway_api`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from reconciler import gateway_api
from reconciler.gateway_client import traced
from reconciler.gateway_client.traced import TraceRead
from reconciler.models import Gateway
from reconciler.opt_out_digests import key_id

MOST_OCTETS = 32_000_000  # of an answer
PATIENCE = 10.0  # seconds without an octet of the answer


class GatewayAway(Exception):
    """The gateway does not do it now; `str()` says why."""


class OtherLog(GatewayAway):
    """The gateway has another store than the site knows."""


class NoSuchRequest(GatewayAway):
    """The gateway does not know this request: another launcher, or none."""


class TooSlow(GatewayAway):
    """The gateway has the request, and its answer did not come in time."""


@dataclass(frozen=True)
class Deliveries:
    """The answer to `deliver`. `accepted`, `refused`: tokens; the latter can't be sent at all."""

    life: str
    began: int
    bound: list[str]
    accepted: set[str]
    refused: set[str]


@dataclass(frozen=True)
class Drained:
    """The answer to `drain`. `open`: accepted messages that have not ended; `unknown`: tokens that
    the gateway has never accepted."""

    closed: bool
    open: int
    unknown: set[str]


@dataclass(frozen=True)
class Listed:
    """A list of opted-out numbers as the gateway has it."""

    version: int
    count: int
    checksum: str


@dataclass(frozen=True)
class OptOutLists:
    key: bytes = field(repr=False)
    by_user: dict[str, Listed]


class OperatorClient:
    """One gateway's, over one connection that is kept open."""

    def __init__(self, gateway: Gateway, *, patience: float = PATIENCE) -> None:
        self._url = gateway.http_url.rstrip("/")
        self._where = f"HTTP API {urlsplit(gateway.http_url).netloc}"
        self._headers = urllib3.make_headers(
            basic_auth=f"{gateway.jcli_username}:{gateway.jcli_password}"
        ) | {"Content-Type": "application/json"}
        timeout = urllib3.Timeout(connect=3.0, read=patience)
        self._http = urllib3.PoolManager(maxsize=1, retries=False, timeout=timeout)

    def close(self) -> None:
        self._http.clear()

    def deliver(
        self, log: str, users: Sequence[str], deliveries: Sequence[dict[str, str]]
    ) -> Deliveries:
        """Ask which users are bound, and hand texts over. Raises GatewayAway, OtherLog."""
        body = {"log": log, "users": list(users), "deliveries": list(deliveries)}
        said = self._ask("POST", gateway_api.DELIVERIES, body)
        try:
            results = {each["token"]: each for each in said["results"]}
            return Deliveries(
                str(said["life"]),
                int(said["began"]),
                [str(each) for each in said["bound"]],
                {token for token, each in results.items() if each["accepted"] is True},
                {
                    token
                    for token, each in results.items()
                    if each.get("reason") == gateway_api.Reason.INVALID
                },
            )
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            raise self._unreadable() from None

    def opt_out_lists(self, users: Sequence[str] | None = None) -> OptOutLists:
        """The lists of these users, or all. Raises GatewayAway."""
        query = "" if users is None else "?" + urlencode([("user", each) for each in users])
        said = self._ask("GET", gateway_api.OPT_OUTS + query)
        try:
            lists = {
                str(user): Listed(int(each["version"]), int(each["count"]), str(each["checksum"]))
                for user, each in said["lists"].items()
            }
            return OptOutLists(bytes.fromhex(said["key"]), lists)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            raise self._unreadable() from None

    def change_opt_outs(
        self,
        key: bytes,
        user: str,
        since: int | None,
        version: int,
        *,
        add: str,
        whole: bool,
    ) -> bool:
        """Change a list from version `since` (None: there is none); whether the gateway had that
        one. `add`: digests by `key`, in base64; `whole`: what was in it goes. Raises GatewayAway;
        OtherLog where the gateway has another key."""
        change = {"user": user, "from": since, "version": version, "add": add, "remove": ""}
        change["whole"] = whole
        said = self._ask("POST", gateway_api.OPT_OUTS, {"key": key_id(key), "lists": [change]})
        try:
            return said["results"][0]["taken"] is True
        except (KeyError, TypeError, IndexError):
            raise self._unreadable() from None

    def state(self, question: dict[str, Any]) -> dict[str, Any]:
        """What the gateway has (`state_answer`). Raises GatewayAway, NoSuchRequest, TooSlow."""
        return self._ask("POST", gateway_api.STATE, question)

    def drain(
        self, log: str, *, closed: bool, withdraw: bool = False, tokens: Sequence[str] = ()
    ) -> Drained:
        """Close the gateway to what is new, or open it. `withdraw`: end what was accepted and not
        written. Raises GatewayAway, OtherLog."""
        body = {"log": log, "closed": closed, "withdraw": withdraw, "tokens": list(tokens)}
        said = self._ask("POST", gateway_api.DRAIN, body)
        try:
            unknown = {str(each) for each in said["unknown"]}
            return Drained(said["closed"] is True, int(said["open"]), unknown)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise self._unreadable() from None

    def start_trace(self, id: str, cid: str, seconds: float, *, texts: bool) -> TraceRead:
        """With whole numbers, and with texts or without. Raises GatewayAway."""
        body = {"cid": cid, "seconds": seconds, "texts": texts, "numbers": True}
        return self._trace("start", id, body)

    def read_trace(self, id: str, after: int) -> TraceRead:
        """What came after the PDU of this number. Raises GatewayAway."""
        return self._trace("read", id, {"after": after})

    def stop_trace(self, id: str) -> None:
        """Raises GatewayAway."""
        self._trace("stop", id, {})

    def _trace(self, order: str, id: str, body: dict[str, Any]) -> TraceRead:
        said = self._ask("POST", gateway_api.TRACE, {"do": order, "id": id, **body})
        try:
            return traced.read(said)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            raise self._unreadable() from None

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = self._http.request(
                method,
                self._url + path,
                body=data,
                headers=self._headers,
                redirect=False,
                preload_content=False,
            )
            try:
                raw = answer.read(MOST_OCTETS)
            finally:
                answer.release_conn()
        except NewConnectionError:
            raise GatewayAway(f"{self._where}: connection refused") from None
        except ReadTimeoutError:
            raise TooSlow(f"{self._where}: no answer to {path.partition('?')[0]} in time") from None
        except HTTPError as error:
            raise GatewayAway(f"{self._where}: {type(error).__name__}") from error
        said = _json(raw)
        what = path.partition("?")[0]
        if answer.status == 409:
            raise OtherLog(f"{self._where}: it has another log")
        if answer.status == 404:
            raise NoSuchRequest(f"{self._where}: it knows no {what}")
        if answer.status != 200 or not isinstance(said, dict):
            raise GatewayAway(f"{self._where}: HTTP {answer.status} to {what}")
        return said

    def _unreadable(self) -> GatewayAway:
        return GatewayAway(f"{self._where}: its answer can't be read")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
