"""`/lane/opt-outs`: versions of lists, and their changes (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from reconciler import opt_out_digests
from reconciler.gateway_api import MOST_OPT_OUT_OCTETS, Refused
from reconciler.launcher.lane.http_api import json_requests
from reconciler.launcher.lane.http_api.json_requests import RequestRefused
from reconciler.launcher.opt_outs.list_files import decoded, is_user
from reconciler.launcher.opt_outs.lists import Change, OptOuts


class OptOutResource(Resource):
    """`is_operator(username, password)`: whether these are the console's user and password."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, opt_outs: OptOuts, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._opt_outs, self._is_operator = opt_outs, is_operator

    def render_GET(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        return self._render(request, self._tell)

    def render_POST(self, request: Request) -> int:  # noqa: N802 - as Twisted calls it
        return self._render(request, self._change)

    def _render(self, request: Request, of: Callable[[Request], Any]) -> int:
        try:
            if not self._is_operator(*json_requests.identity(request)):
                raise RequestRefused(Refused.UNAUTHORIZED, "this is not the console's user")
            json_requests.answer(request, json_requests.encode(of(request)))
        except OSError as error:
            why = f"nothing can be written down: {error.strerror}"
            json_requests.refuse(request, RequestRefused(Refused.STORE, why))
        except RequestRefused as refusal:
            json_requests.refuse(request, refusal)
        return NOT_DONE_YET

    def _tell(self, request: Request) -> dict[str, Any]:
        asked = request.args.get(b"user")
        users = None if asked is None else [each.decode("latin-1") for each in asked]
        return {"key": self._opt_outs.key.hex(), "lists": self._opt_outs.summary(users)}

    def _change(self, request: Request) -> dict[str, Any]:
        body = _body(request)
        changes = [_parse(each) for each in body["lists"]]
        if body.get("key") != opt_out_digests.key_id(self._opt_outs.key):
            raise RequestRefused(Refused.OTHER_LOG, "key: this gateway has another one")
        return {
            "results": [
                {"user": user, "taken": self._opt_outs.change(user, change)}
                for user, change in changes
            ]
        }


def _body(request: Request) -> dict[str, Any]:
    """With its `lists`, a list."""
    body = json_requests.json_object(request, MOST_OPT_OUT_OCTETS)
    if not isinstance(body.get("lists"), list):
        raise RequestRefused(Refused.MALFORMED, "lists: a list is wanted")
    return body


def _parse(item: Any) -> tuple[str, Change]:
    try:
        user, since, version, whole = (item[each] for each in ("user", "from", "version", "whole"))
        if not is_user(user):
            raise ValueError("user: a uid is wanted")
        if type(version) is not int or version < 1 or type(since) not in (int, type(None)):
            raise ValueError("version: a number above 0 is wanted")
        add, remove = decoded(item["add"]), decoded(item["remove"])
        return user, Change(since, version, add, remove, whole=whole is True)
    except (KeyError, TypeError, ValueError) as error:
        why = str(error) if isinstance(error, ValueError) else "a field is missing"
        raise RequestRefused(Refused.MALFORMED, f"lists: {why}") from None
