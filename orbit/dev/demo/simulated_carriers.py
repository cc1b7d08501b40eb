"""Simulated carriers (`manage.py smsc_simulator`) and what the story does to them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orbit.dev.demo import programs
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.http import Unreachable, send
from orbit.dev.stack.files import write_private

HOST = "127.0.0.1"
# As with real phones. For a receipt that comes at once, Jasmin tries again only 10 s later.
FAULTS = ["late-receipt:1"]


@dataclass(frozen=True)
class Account:
    """A system_id at a carrier."""

    system_id: str
    password: str = field(repr=False)


def make_password() -> str:
    """A password of 8 characters: SMPP 3.4 §5.2.2 allows no more."""
    return secrets.token_hex(4)


class Carrier:
    """One simulator. `spare` is an account that the story does not use: it is for the reader."""

    def __init__(self, key: str, name: str, *, port: int, control_port: int) -> None:
        self.key, self.name = key, name
        self.host, self.port = HOST, port
        self._control_port = control_port
        self.spare = Account(f"{key}_spare", make_password())

    @property
    def control_url(self) -> str:
        return f"http://{HOST}:{self._control_port}"

    def argv(self, folder: Path) -> programs.Argv:
        """The command that starts it. Passwords are in a file in `folder`, not in arguments."""
        spare = {"system_id": self.spare.system_id, "password": self.spare.password}
        systems = [{**spare, "faults": FAULTS}]
        file = write_private(folder / f"{self.key}.json", json.dumps({"systems": systems}))
        return programs.manage(
            "smsc_simulator", "--port", str(self.port), "--control", str(self._control_port),
            "--systems", str(file),
        )  # fmt: skip

    def is_ready(self) -> bool:
        try:
            return send("GET", self.control_url).status == 200
        except Unreachable:
            return False

    def add_account(self, system_id: str) -> Account:
        account = Account(system_id, make_password())
        body = {"password": account.password, "faults": FAULTS}
        self._control("PUT", f"systems/{system_id}", body)
        return account

    def change_password(self, system_id: str) -> Account:
        """Set a new password at the carrier; live binds stay."""
        account = Account(system_id, make_password())
        self._control("POST", f"systems/{system_id}", {"password": account.password})
        return account

    def counts(self, system_id: str) -> dict[str, Any]:
        """`{"live_binds", "bind_attempts", "binds_accepted", "binds_refused", …}`."""
        return self._control("GET", f"systems/{system_id}")

    def submits(self, system_id: str) -> list[dict[str, Any]]:
        """The last thousand messages that this account has submitted, oldest first:
        `{"destination_addr", "text", …}`."""
        return self._control("GET", f"systems/{system_id}/submits?last=1000")

    def texts(self, system_id: str) -> list[str]:
        """The texts of these messages."""
        return [submit["text"] for submit in self.submits(system_id)]

    def send_text(
        self, system_id: str, sender: str, to: str, text: str, *, parts_reversed: bool = False
    ) -> None:
        """Have a phone write to a number of this account. `parts_reversed`: the last part first."""
        body = {"source_addr": sender, "destination_addr": to, "text": text}
        order = {"parts_reversed": True} if parts_reversed else {}
        self._control("POST", f"systems/{system_id}/texts", body | order)

    def die(self) -> None:
        """Close its port and cut its connections."""
        self._control("POST", f"ports/{self.port}", {"up": False})

    def revive(self) -> None:
        self._control("POST", f"ports/{self.port}", {"up": True})

    def _control(self, method: str, path: str, body: object = None) -> Any:
        answer = send(method, f"{self.control_url}/{path}", body)
        if answer.status != 200:
            raise Failed(f"{self.name}'s simulator says {answer.status}: {answer.body}")
        return answer.body
