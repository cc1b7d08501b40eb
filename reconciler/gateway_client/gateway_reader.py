"""Reads one gateway for a pass: a Jasmin behind our launcher in one answer (`gateway_api.STATE`), a
stock one by its console. Changes are typed into the console of either, which is opened for them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from types import MappingProxyType

from orbit.ids import GATEWAY_PREFIX
from reconciler import actual, secret_digests, state_answer
from reconciler.gateway_client import gateway_console, readiness
from reconciler.gateway_client.operator_client import (
    GatewayAway,
    NoSuchRequest,
    OperatorClient,
    TooSlow,
)
from reconciler.gateway_client.readiness import GatewayDown
from reconciler.jasmin.capabilities import STATE
from reconciler.jcli.connectors import Row
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError, Slow, Unavailable
from reconciler.models import Gateway
from reconciler.state import Greeting, State, Traffic
from reconciler.state_answer import StateAnswer

PATIENCE = 30.0  # seconds until the first octet of an answer: the gateway serves messages meanwhile
_NOTHING: Mapping[str, Traffic] = MappingProxyType({})


def open_if_ready(gateway: Gateway) -> GatewayReader:
    """A reader of a Jasmin that takes messages, as far as that shows without sending one.

    Raises GatewayDown, which names the part that fails, its address, and what was seen; Slow where
    only its console is busy.
    """
    readiness.check_alive(gateway)
    with ExitStack() as stack:
        reader = stack.enter_context(GatewayReader(gateway))
        reader.begin()
        stack.pop_all()
    return reader


class GatewayReader:
    """Use as a context manager. What fails raises JcliError, as if the console had.

    - `greeting`: known once `read` has returned.
    - `carries`: connectors that the gateway's limit of open files allows; None: it does not say.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._console: Console | None = None
        self._client: OperatorClient | None = None
        self._asked = 0.0
        self._traffic = _NOTHING
        self.greeting = Greeting()
        self.carries: int | None = None
        if STATE in gateway.capabilities:
            self._use_client()

    def __enter__(self) -> GatewayReader:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for each in (self._console, self._client):
            if each is not None:
                each.close()

    def begin(self) -> None:
        """Open the console of a gateway that is read through it, or that no pass has read yet.
        Raises GatewayDown if it can't be opened."""
        if self._client is None:
            try:
                self._open_console()
            except Slow:
                raise
            except JcliError as error:
                raise GatewayDown(str(error)) from error
            self._greet()

    @property
    def console(self) -> Console:
        """The console session, for changes."""
        return self._console or self._open_console()

    @property
    def waited(self) -> float:
        """Seconds spent waiting for answers."""
        return self._asked + (self._console.waited if self._console else 0.0)

    def read(self, only: Collection[str] | None = None) -> State:
        """Our objects in full, the others by name; `only`: just these keys (gid, uid, cid)."""
        if self._client is not None:
            try:
                found = self._ask(only)
            except NoSuchRequest:  # another launcher than at the last pass, or none
                self._client.close()
                self._client = None
                self._greet()
            else:
                self.greeting, self._traffic = found.greeting, found.state.traffic
                self.carries = found.carries
                return found.state
        return actual.read(self.console, only=only)

    def sessions(self, cids: Collection[str]) -> dict[str, Row]:
        """The binds of these connectors as they are now."""
        if self._client is None:
            rows = actual.read_sessions(self.console)
            return {cid: row for cid, row in rows.items() if cid in cids}
        found = self._ask(cids).state.connectors
        return {
            cid: Row(cid, each.running, each.session, each.starts, each.stops)
            for cid, each in found.items()
        }

    def traffic(self, uids: Collection[str]) -> Mapping[str, Traffic]:
        """Traffic of these users on the SMPP server, as it was when they were last read."""
        if self._client is None:
            return actual.read_traffic(self.console, uids)
        return {uid: self._traffic[uid] for uid in uids if uid in self._traffic}

    def _ask(self, only: Collection[str] | None) -> StateAnswer:
        salt = secrets.token_bytes(secret_digests.LEAST_SALT)
        key = secret_digests.key(self._gateway.jcli_password, salt)
        question = state_answer.question(only, prefix=GATEWAY_PREFIX, salt=salt)
        started = time.monotonic()
        try:
            answer = self._client.state(question)
        except NoSuchRequest:
            raise
        except TooSlow as error:
            raise Slow(str(error)) from error
        except GatewayAway as error:
            raise Unavailable(str(error)) from error
        finally:
            self._asked += time.monotonic() - started
        return state_answer.read(answer, key, only=only)

    def _greet(self) -> None:
        """Let the console say what this gateway can do."""
        self.greeting = self.console.greeting
        gateway_console.wait_if_restarted(self._gateway, self.console)
        if STATE in self.greeting.capabilities:
            self._use_client()

    def _open_console(self) -> Console:
        self._console = gateway_console.connect(self._gateway)
        return self._console

    def _use_client(self) -> None:
        self._client = OperatorClient(self._gateway, patience=PATIENCE)
