"""The gateway's log of inbound texts, and what people write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.opt_outs.models import OptOut
from tests.messaging.inbound.conftest import (  # noqa: F401 - fixtures
    OTHER_PHONE,
    PHONE,
    SHORT_CODE,
    _new_counters,
    carrier,
    fake,
    log,
    number,
    still,
    webhook,
)

Write = Callable[..., InboundMessage]


@pytest.fixture
def write(log: Any) -> Write:  # noqa: F811
    """A person writes; what became of the text."""

    def deliver(text: str = "stop", source: str = PHONE, **fields: Any) -> InboundMessage:
        fields = {"destination": SHORT_CODE, "source_addr_ton": 1, "data_coding": 8} | fields
        log.deliver(text.encode("utf-16-be"), source=source, **fields)
        log.take()
        return InboundMessage.objects.latest("pk")

    return deliver


def listed() -> list[tuple[str, str]]:
    """Numbers and scopes on all lists."""
    return sorted(OptOut.objects.order_by().values_list("number", "scope"))


def answers() -> list[tuple[str, str]]:
    """To whom we answered, and what."""
    return list(Message.objects.order_by("pk").values_list("to", "body"))
