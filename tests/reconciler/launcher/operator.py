"""The site, as a launched gateway sees it beside submits: texts, opt-outs, the log."""

from __future__ import annotations

import base64
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from messaging.smpp.protocol.pdu import write
from orbit.dev.stack import Jasmin
from reconciler import opt_out_digests


class Operator:
    """Speaks to the gateway's HTTP API as the console's user. `records`: all that `read` has."""

    def __init__(self, jasmin: Jasmin) -> None:
        self._jasmin = jasmin
        self._mark = f"{secrets.token_hex(4)}."  # before tokens: the gateway takes each once
        said = self.ask("GET", "log?after=0&wait=0&limit=1")
        self.log, self.after = said["log"], said["last"]
        self.records: list[dict[str, Any]] = []

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = None,
        password: str | None = None,
    ) -> dict[str, Any]:
        """The answer, with its status as `http`."""
        jasmin = self._jasmin
        login = f"{user or jasmin.jcli_username}:{password or jasmin.jcli_password}"
        request = urllib.request.Request(
            f"{jasmin.http_url}/lane/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"},
            method=method,
        )
        try:
            answer = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return json.loads(answer.read()) | {"http": answer.status}

    def read(self) -> list[dict[str, Any]]:
        """Records of texts that ended, so far; the next call says that they are stored."""
        said = self.ask("GET", f"log?after={self.after}&wait=0&log={self.log}")
        self.after = said["records"][-1]["n"] if said["records"] else self.after
        for each in said["records"]:
            if each["kind"] == "delivery" and each["token"].startswith(self._mark):
                self.records.append(each | {"token": each["token"].removeprefix(self._mark)})
        return self.records

    def deliver(self, *texts: tuple[str, str, bytes], users: Sequence[str] = ()) -> dict[str, Any]:
        """`texts`: user, token, and the whole PDU."""
        items = [
            {"user": user, "token": self._mark + token, "pdu": raw.hex()}
            for user, token, raw in texts
        ]
        body = {"log": self.log, "users": list(users), "deliveries": items}
        said = self.ask("POST", "deliveries", body)
        for each in said["results"]:
            each["token"] = each["token"].removeprefix(self._mark)
        return said

    def opt_out(
        self,
        user: str,
        version: int,
        *numbers: tuple[str, str],
        since: int | None = None,
        sender: str = "",
        gone: Sequence[tuple[str, str]] = (),
    ) -> bool:
        """Change a list; `numbers` and `gone`: in E.164, with their calling codes."""
        key = bytes.fromhex(self.ask("GET", "opt-outs")["key"])
        change = {
            "user": user,
            "from": since,
            "version": version,
            "whole": False,
            "add": _packed(key, user, numbers, sender),
            "remove": _packed(key, user, gone, sender),
        }
        body = {"key": opt_out_digests.key_id(key), "lists": [change]}
        said = self.ask("POST", "opt-outs", body)
        assert said["http"] == 200, said
        return said["results"][0]["taken"]


def text(words: bytes, **fields: Any) -> bytes:
    """A text of a phone."""
    usual = {"source_addr": b"33612345678", "destination_addr": b"38080"}
    return write("deliver_sm", sequence=0, **usual | {"short_message": words} | fields)


def _packed(key: bytes, user: str, numbers: Sequence[tuple[str, str]], sender: str) -> str:
    found = [
        digest
        for number, code in numbers
        for digest in opt_out_digests.of_opt_out(key, user, number, code, sender)
    ]
    octets = opt_out_digests.to_octets(opt_out_digests.packed(found))
    return base64.b64encode(octets).decode()
