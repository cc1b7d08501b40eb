"""A submit_sm of Jasmin's becomes a message of the lane: of its HTTP API, or of a platform's bind.

What a platform sends is kept as it came (`access.py` hands over our own reading of it beside
Jasmin's): TLVs that nobody knows, `message_payload`, types of numbers, ready-made parts.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from jasmin.protocols.smpp.configs import SMPPClientConfig
from smpp.pdu import constants
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import (
    DataCoding,
    EsmClassGsmFeatures,
    RegisteredDelivery,
    RegisteredDeliveryReceipt,
)

from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.components.connector_config import PRIORITY, account_of, number
from reconciler.launcher.lane.submit import Submit

PATIENCE = 1200.0  # seconds that a message may wait for its connector, as Jasmin's would
UDHI = 0x40  # esm_class, SMPP 3.4 §5.2.12

# Of a platform's submit_sm, besides what a Submit has names for.
AS_IT_CAME = (
    "service_type",
    "source_addr_ton",
    "source_addr_npi",
    "dest_addr_ton",
    "dest_addr_npi",
    "esm_class",
    "protocol_id",
    "priority_flag",
    "schedule_delivery_time",
    "registered_delivery",
    "replace_if_present_flag",
    "sm_default_msg_id",
)


def submit_of(pdu: SubmitSM, config: SMPPClientConfig, *, uid: str, **given: Any) -> Submit:
    """`given` is what `perspective_submit_sm` is called with; `pdu.came` our reading of it, if it
    is a platform's."""
    came = getattr(pdu, "came", None)
    if came is not None:
        submit = _of_platform(pdu, came, uid, given["source_connector"].system_id)
    else:
        submit = _of_http(pdu, config, uid)
    submit.extra["_account"] = account_of(config)
    if given.get("dlr_url"):
        submit.extra["_report"] = {
            "url": _text(given["dlr_url"]),
            "level": int(given["dlr_level"]),
            "method": _text(given["dlr_method"]),
            "connector": given["dlr_connector"],
        }
    return submit


def _of_platform(pdu: SubmitSM, came: Pdu, uid: str, system_id: str) -> Submit:
    fields = {name: came.fields[name] for name in AS_IT_CAME}
    extra = {k: v.decode("latin-1") if isinstance(v, bytes) else v for k, v in fields.items()}
    extra["_system_id"] = system_id
    return Submit(
        token=uuid.uuid4().hex,
        source=_text(pdu.params["source_addr"]),  # the user's own default, where it had none
        destination=_text(pdu.params["destination_addr"]),
        parts=[bytes(came.fields["short_message"])],
        udhi=bool(int(came.fields["esm_class"]) & UDHI),
        data_coding=int(came.fields["data_coding"]),
        tlvs=list(came.tlvs),
        validity=came.text("validity_period"),
        expires_in=PATIENCE,
        origin="access",
        user=uid,
        extra=extra,
    )


def _of_http(pdu: SubmitSM, config: SMPPClientConfig, uid: str) -> Submit:
    parts = [pdu]
    while (following := getattr(parts[-1], "nextPdu", None)) is not None:
        parts.append(following)
    params, last = pdu.params, parts[-1].params
    features = getattr(params["esm_class"], "gsmFeatures", ())
    return Submit(
        token=str(uuid.uuid4()),
        source=_text(params["source_addr"]) or _text(config.source_addr),
        destination=_text(params["destination_addr"]),
        parts=[bytes(part.params["short_message"]) for part in parts],
        udhi=EsmClassGsmFeatures.UDHI_INDICATOR_SET in features,
        data_coding=_coding(params["data_coding"]),
        tlvs=[Tlv(int(tag), _octets(value)) for tag, _, _, value in pdu.custom_tlvs],
        validity=_moment(params["validity_period"]),
        expires_in=PATIENCE,
        origin="http",
        user=uid,
        extra={
            "priority_flag": number(params["priority_flag"], PRIORITY),
            "registered_delivery": _receipts(last["registered_delivery"]),
            "schedule_delivery_time": _moment(params["schedule_delivery_time"]),
        },
    )


def _receipts(wanted: RegisteredDelivery | None) -> int:
    none = RegisteredDeliveryReceipt.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
    return 0 if wanted is None or wanted.receipt == none else 1


def _coding(value: Any) -> int:
    if isinstance(value, DataCoding):
        return constants.data_coding_default_name_map[value.schemeData.name]
    return int(value or 0)


def _moment(value: Any) -> str:
    """Absolute, as SMPP 3.4 §7.1.1 writes it; Jasmin's are local and without a zone."""
    if not isinstance(value, datetime):
        return _text(value)
    return f"{value.astimezone(UTC):%y%m%d%H%M%S}000+"


def _octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode("latin-1")


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
