"""Our own console client, on a model of Jasmin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconciler.jcli.commands import check_line
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Unavailable
from reconciler.state import Greeting
from tests.reconciler.jcli.wire import INSIDE, TOP
from tests.reconciler.model_objects import ARGUMENTS, CONNECTOR

if TYPE_CHECKING:
    from tests.reconciler.model import ModelJasmin


class ModelConsole(Console):
    """Our own client, with the model in the place of the socket."""

    def __init__(self, model: ModelJasmin) -> None:
        self._model = model
        self._inside = False
        self._typed: dict[str, str] = {}
        self._filters: dict[str, str] = {}
        self._opener = ""
        self.greeting = Greeting("0.11.0", capabilities=model.capabilities)
        self.address, self.waited = "model", 0.0

    def close(self) -> None:
        self._model.typed.append("quit")

    def _exchange(self, lines: Sequence[str], marker: str = "") -> list[list[str]]:
        replies = []
        for line in lines:
            check_line(line)
            if self._model.dies_at is not None and len(self._model.typed) >= self._model.dies_at:
                raise Unavailable("console model: it closed the connection")
            self._model.typed.append(line)
            replies.append(self.answer(line))
        return replies

    @property
    def prompt(self) -> str:
        return INSIDE if self._inside else TOP

    def answer(self, line: str) -> list[str]:
        if self._inside:
            return self._dialogue(line)
        announced = self._announcement(line)
        if announced:
            self._inside, self._opener, self._typed = True, line, {}
            return [f"{announced}: (ok: save, ko: exit)"]
        return self._model.top(line)

    def _announcement(self, line: str) -> str:
        match line.split(" "):
            case ["group", "-a"]:
                return "Adding a new Group"
            case ["user", "-a"]:
                return "Adding a new User"
            case ["smppccm", "-a"]:
                return "Adding a new connector"
            case ["smppccm", "-u", cid] if cid in self._model.connectors:
                return f"Updating connector id [{cid}]"
            case ["user", "-u", uid] if uid in self._model.users:
                return f"Updating User id [{uid}]"
            case ["filter", "-a"]:
                return "Adding a new Filter"
            case ["mtrouter", "-a"]:
                return "Adding a new MT Route"
        return ""

    def _dialogue(self, line: str) -> list[str]:
        if line == "ko":
            self._inside = False
            return []
        if line == "ok":
            said, saved = self._save()
            self._inside = not saved
            return said
        key, _, value = line.partition(" ")
        if refusal := self._refusal(key, value):
            return [refusal]
        if key.endswith("_cred"):
            name, value = value.rsplit(" ", 1) if "valuefilter" not in value else _filter(value)
            key = f"{key} {name}"
        self._typed[key] = value
        return ARGUMENTS[value] if key == "type" else []

    def _refusal(self, key: str, value: str) -> str:
        kind = self._opener.split(" ")[0]
        if kind == "group" and key != "gid":
            return f"Unknown Group key: {key}"
        if kind == "user" and key == "gid" and value not in self._model.groups:
            return f"Unknown Group gid:{value}, you must first create the Group"
        if kind == "smppccm" and key not in {"cid", *CONNECTOR}:
            return f"Unknown SMPPClientConfig key: {key}"
        if kind == "smppccm" and key == "ssl" and value not in ("yes", "no"):
            return f"Error: Unknown value for key {key}: {value}"
        return ""

    def _save(self) -> tuple[list[str], bool]:
        match self._opener.split(" "):
            case ["group", _]:
                return self._model.add_group(self._typed)
            case ["user", _]:
                return self._model.add_user(dict(self._typed))
            case ["user", _, uid]:
                return self._model.update_user(uid, self._typed)
            case ["filter", _]:
                typed = self._typed
                shown = f"<U (uid={typed.get('uid')})>"
                if "destination_addr" in typed:
                    shown = f"<DA (dst_addr={typed['destination_addr']})>"
                self._filters[typed["fid"]] = shown
                return [
                    f"Successfully added Filter [{typed['type']}] with fid:{typed['fid']}"
                ], True
            case ["mtrouter", _]:
                return self._model.add_route(self._typed, self._filters)
            case ["smppccm", "-a"]:
                return self._model.add_connector(dict(self._typed))
            case [_, _, cid]:
                return self._model.update_connector(cid, self._typed)
        raise AssertionError(self._opener)


def _filter(value: str) -> tuple[str, str]:
    """`valuefilter content ^two words$` → its name, its pattern."""
    section, name, pattern = value.split(" ", 2)
    return f"{section} {name}", pattern
