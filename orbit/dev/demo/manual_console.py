"""Somebody's own hands on Jasmin's console, past the control plane."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from orbit.dev.stack import Jasmin
from reconciler.jcli import connectors
from reconciler.jcli.commands import Command, session
from reconciler.jcli.connectors import Row
from reconciler.jcli.console import Console

BOUND = "BOUND_TRX"


class Hands:
    """One logged-in session. Raises JcliError."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def rows(self) -> dict[str, Row]:
        """cid → row of `smppccm -l`."""
        return connectors.read(self._console.ask(connectors.LIST)[0])

    def bound(self) -> set[str]:
        """cids that Jasmin lists as BOUND_TRX."""
        return {cid for cid, row in self.rows().items() if row.session == BOUND}

    def settings(self, cid: str) -> dict[str, str]:
        """`smppccm -s CID`; the password is among them."""
        return connectors.read_settings(self._console.ask(connectors.show(cid))[0])

    def accounts(self, cids: Collection[str] | None = None) -> dict[str, str]:
        """system_id → cid, of these connectors or of all."""
        return self._by("username", self.rows() if cids is None else cids)

    def ports(self) -> dict[str, str]:
        """The carrier's port → cid of every connector."""
        return self._by("port", self.rows())

    def change_throughput(self, cid: str, throughput: int) -> Command:
        return self._type(connectors.update(cid, {"submit_throughput": str(throughput)}))

    def delete(self, cid: str) -> Command:
        return self._type(connectors.remove(cid))

    def add(self, cid: str, **settings: str) -> Command:
        lines = session("smppccm -a", {"cid": cid, **settings}.items())
        return self._type(Command(lines, f"Successfully added connector [{cid}]"))

    def _by(self, setting: str, cids: Collection[str]) -> dict[str, str]:
        replies = self._console.ask(*map(connectors.show, cids)) if cids else []
        shown = zip(map(connectors.read_settings, replies), cids, strict=True)
        # One that was removed since it was listed has no settings.
        return {settings[setting]: cid for settings, cid in shown if setting in settings}

    def _type(self, command: Command) -> Command:
        self._console.run(command)
        return command


@contextmanager
def hands_on(jasmin: Jasmin) -> Iterator[Hands]:
    """Raises JcliError."""
    with Console(
        jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password
    ) as console:
        yield Hands(console)
