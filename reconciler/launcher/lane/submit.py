"""What is submitted, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from messaging.smpp.protocol.tlv import Tlv
from reconciler.gateway_api import Reason

Origin = Literal["site", "access", "http"]


@dataclass(slots=True)
class Submit:
    """One message; each of `parts` becomes a submit_sm with these octets, its header included.

    `token` has letters, digits and `._:-` only. `expires_in` is in seconds. `extra` has fields of
    submit_sm as they came from a platform, by their names in SMPP 3.4 (`esm_class`, `protocol_id`,
    `priority_flag`, `registered_delivery`, `source_addr_ton`, `dest_addr_npi` …): they win over the
    connector's, but for what its `senders` say. Keys that begin with `_` are no fields: they come
    back in `Lane.on_end`, after a restart too.
    """

    token: str
    source: str
    destination: str
    parts: list[bytes]
    udhi: bool = False
    data_coding: int = 0
    tlvs: list[Tlv] = field(default_factory=list)
    validity: str = ""
    expires_in: float = 30.0
    origin: Origin = "site"
    user: str = ""
    extra: dict[str, Any] = field(default_factory=dict)  # values that JSON has


class Refusal(NamedTuple):
    """Why a submit was not accepted."""

    reason: Reason
    detail: str = ""


class End(NamedTuple):
    """How a part ended. `status` is None where no answer is known (`why` says more).

    `part` is None: the whole message was certainly not sent.
    """

    part: int | None
    status: int | None
    carrier_id: str = ""
    why: str = ""
