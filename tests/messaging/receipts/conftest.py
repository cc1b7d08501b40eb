"""A gateway's log of which each test writes the records, and messages that the gateway has."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.dispatch import run
from messaging.messages.models import Message
from messaging.receipts import ingest
from messaging.smpp.protocol.pdu import write
from messaging.smpp.protocol.tlv import Tlv
from orbit.accounts.models import Organization
from tests.messaging.messages.dispatch.conftest import (  # noqa: F401 - fixtures
    FRANCE,
    _new_counters,
    carrier,
    fake,
    make_message,
)

ACCOUNT, ID = "account-1", "A1B2C3"
TEXT = (
    "id:{id} sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 stat:{stat} err:{err} "
    "text:hi"
)


class Log:
    """`take` has the records that were written since as one page; `written` are all."""

    def __init__(self, credential: Credential) -> None:
        self.cid = credential.gateway_key
        self.account = ACCOUNT
        self.written: list[dict[str, Any]] = []
        self._numbers, self._taken = count(1), 0

    def write(self, kind: str, **fields: Any) -> None:
        record = {"n": next(self._numbers), "at": time.time(), "kind": kind}
        self.written.append(record | fields)

    def answer(
        self, message: Message | str, status: int = 0, id: str = ID, part: int = 0, parts: int = 1
    ) -> None:
        token = message if isinstance(message, str) else f"{message.pk}.1"
        fields = {"cid": self.cid, "account": self.account, "part": part, "parts": parts}
        self.write("answer", token=token, status=status, id=id, **fields)

    def no_answer(self, message: Message, part: int = 0, parts: int = 1) -> None:
        fields = {"cid": self.cid, "account": self.account, "part": part, "parts": parts}
        self.write("no_answer", token=f"{message.pk}.1", why="connection lost", **fields)

    def receipt(self, stat: str = "DELIVRD", id: str = ID, err: str = "000", **fields: Any) -> None:
        self.deliver(TEXT.format(id=id, stat=stat, err=err).encode(), **{"esm_class": 4} | fields)

    def deliver(
        self,
        text: bytes,
        *,
        source: str = FRANCE[1:],
        destination: str = "ACME",
        tlvs: tuple[Tlv, ...] = (),
        session: str = "s1",
        sequence: int = 7,
        **fields: Any,
    ) -> None:
        raw = write(
            "deliver_sm",
            sequence=sequence,
            source_addr=source.encode(),
            destination_addr=destination.encode(),
            short_message=text,
            tlvs=tlvs,
            **fields,
        )
        about = {"cid": self.cid, "account": self.account, "session": session}
        self.write("deliver", raw=raw.hex(), **about)

    def take(self) -> None:
        new, self._taken = self.written[self._taken :], len(self.written)
        ingest.take(new, log="log-1")


@pytest.fixture
def log(carrier: Carrier) -> Log:  # noqa: F811
    return Log(carrier.credential)


@pytest.fixture
def send(organization: Organization, carrier: Carrier, fake: Any) -> Callable[..., Message]:  # noqa: F811
    """A message that the gateway has taken."""

    def make(**fields: Any) -> Message:
        message = make_message(organization, **fields)
        run.dispatch(organization.pk)
        return Message.objects.get(pk=message.pk)

    return make
