"""Makes a message of the lane from Jasmin's submit_sm: of its HTTP API or of an SMPP client.

A client's submit_sm keeps everything it has: unknown TLVs, `message_payload`, TON and NPI,
ready-made parts. For that `smpp_server` puts the original PDU beside Jasmin's.
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
    PriorityFlag,
    RegisteredDelivery,
    RegisteredDeliveryReceipt,
)

from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.components.connector_config import PRIORITY, account_of, enum_number
from reconciler.launcher.lane.submit import Submit

MAX_WAIT = 1200.0  # seconds that a message may wait for its connector, as Jasmin's would
UDHI = 0x40  # esm_class, SMPP 3.4 §5.2.12

# Fields of a client's submit_sm that Submit has no attribute for.
PASSED_THROUGH = (
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


def to_submit(pdu: SubmitSM, config: SMPPClientConfig, *, uid: str, **given: Any) -> Submit:
    """`given`: further arguments of `perspective_submit_sm`. `pdu.original` is the PDU as an SMPP
    client sent it; a submit_sm of the HTTP API has none."""
    original = getattr(pdu, "original", None)
    if original is not None:
        submit = _from_smpp(pdu, original, uid, given["source_connector"].system_id)
    else:
        submit = _from_http(pdu, config, uid)
    submit.extra["_account"] = account_of(config)
    if given.get("dlr_url"):
        submit.extra["_report"] = {
            "url": _text(given["dlr_url"]),
            "level": int(given["dlr_level"]),
            "method": _text(given["dlr_method"]),
            "connector": given["dlr_connector"],
        }
    return submit


def _from_smpp(pdu: SubmitSM, original: Pdu, uid: str, system_id: str) -> Submit:
    fields = {name: original.fields[name] for name in PASSED_THROUGH}
    extra = {k: v.decode("latin-1") if isinstance(v, bytes) else v for k, v in fields.items()}
    extra["_system_id"] = system_id
    return Submit(
        token=uuid.uuid4().hex,
        source=_text(pdu.params["source_addr"]),  # or the user's default, set by Jasmin
        destination=_text(pdu.params["destination_addr"]),
        parts=[bytes(original.fields["short_message"])],
        udhi=bool(int(original.fields["esm_class"]) & UDHI),
        data_coding=int(original.fields["data_coding"]),
        tlvs=list(original.tlvs),
        validity=original.text("validity_period"),
        expires_in=MAX_WAIT,
        origin="access",
        user=uid,
        extra=extra,
    )


def _from_http(pdu: SubmitSM, config: SMPPClientConfig, uid: str) -> Submit:
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
        data_coding=_data_coding(params["data_coding"]),
        tlvs=[Tlv(int(tag), _to_octets(value)) for tag, _, _, value in pdu.custom_tlvs],
        validity=_smpp_time(params["validity_period"]),
        expires_in=MAX_WAIT,
        origin="http",
        user=uid,
        extra={
            "priority_flag": enum_number(params["priority_flag"], PRIORITY),
            "registered_delivery": _registered_delivery(last["registered_delivery"]),
            "schedule_delivery_time": _smpp_time(params["schedule_delivery_time"]),
        },
    )


def _registered_delivery(wanted: RegisteredDelivery | None) -> int:
    none = RegisteredDeliveryReceipt.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
    return 0 if wanted is None or wanted.receipt == none else 1


def _data_coding(value: Any) -> int:
    if isinstance(value, DataCoding):
        return constants.data_coding_default_name_map[value.schemeData.name]
    return int(value or 0)


def _smpp_time(value: Any) -> str:
    """An absolute time in the form of SMPP 3.4 §7.1.1. Jasmin's are local, without a zone."""
    if not isinstance(value, datetime):
        return _text(value)
    return f"{value.astimezone(UTC):%y%m%d%H%M%S}000+"


def _to_octets(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode("latin-1")


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def to_jasmin_submit(pdu: Pdu) -> SubmitSM:
    """What Jasmin needs to authorise, route and bill a submit_sm; `original` is the PDU itself."""
    receipts = RegisteredDeliveryReceipt
    wanted = receipts.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
    if pdu.number("registered_delivery") & 0x03:
        wanted = receipts.SMSC_DELIVERY_RECEIPT_REQUESTED
    request = SubmitSM(
        seqNum=pdu.sequence,
        source_addr=pdu.fields["source_addr"],
        destination_addr=pdu.fields["destination_addr"],
        short_message=pdu.payload,
        priority_flag=PriorityFlag[constants.priority_flag_value_map[pdu.number("priority_flag")]],
        registered_delivery=RegisteredDelivery(wanted),
    )
    request.original = pdu
    return request
