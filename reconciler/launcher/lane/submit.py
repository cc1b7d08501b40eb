"""Values at the lane's border: a message to submit, why it was refused, how its parts ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from messaging.smpp.protocol.tlv import Tlv
from reconciler.gateway_api import Reason

Origin = Literal["site", "access", "http"]


@dataclass(slots=True)
class Submit:
    """One message. Each of `parts` becomes one submit_sm: its octets, user data header included.

    `token` has letters, digits and `._:-` only. `expires_in` is in seconds. `origin`: the site, an
    SMPP bind at the gateway (`access`) or plain `/send` (`http`).

    `extra` has fields of submit_sm as an SMPP client sent them, by their names in SMPP 3.4
    (`esm_class`, `registered_delivery`, `dest_addr_npi` …). They win over the connector's settings,
    except for its `senders`. Keys that begin with `_` are no fields: `Storage.on_outcome` gets them
    back, after a restart too.
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
    extra: dict[str, Any] = field(default_factory=dict)  # JSON values


class Refusal(NamedTuple):
    """Why a submit was not accepted."""

    reason: Reason
    detail: str = ""


class Outcome(NamedTuple):
    """How a part ended. `status`: the carrier's answer, None if there is none (`why` says more).

    `part` is None: no part of the message was written to the carrier.
    """

    part: int | None
    status: int | None
    carrier_id: str = ""
    why: str = ""
