"""Builds the submit_sm of one part of a message.

Addresses take the form that the carrier wants: `senders` gives TON and NPI for each kind of sender,
and without `plus` both addresses lose their `+`. That holds for messages of SMPP clients too: they
do not know which carrier takes them.
"""

from __future__ import annotations

from typing import Any

from messaging.smpp.protocol.tlv import MESSAGE_PAYLOAD, Tlv
from messaging.smpp.protocol.ton_npi import sender_kind
from reconciler.launcher.lane.carrier_settings import CarrierSettings
from reconciler.launcher.lane.submit import Submit

UDHI = 0x40  # esm_class, SMPP 3.4 §5.2.12
MAX_SHORT_MESSAGE = 254  # octets of short_message, §5.2.22

Fields = dict[str, Any]


def build(submit: Submit, part: int, settings: CarrierSettings) -> tuple[Fields, list[Tlv]]:
    """Fields and TLVs of the PDU, not checked: writing the PDU raises ValueError for wrong ones."""
    fields = _fields(submit, settings)
    text = submit.parts[part]
    tlvs = submit.tlvs
    if settings.tlvs:
        own = {tlv.tag for tlv in tlvs}
        tlvs = [*tlvs, *(tlv for tlv in settings.tlvs if tlv.tag not in own)]
    if len(text) > MAX_SHORT_MESSAGE:
        return fields, [*tlvs, Tlv(MESSAGE_PAYLOAD, text)]
    fields["short_message"] = text
    return fields, tlvs


def _fields(submit: Submit, settings: CarrierSettings) -> Fields:
    source, destination = submit.source, submit.destination
    fields: Fields = {
        "service_type": settings.service_type,
        "source_addr_ton": settings.source_ton,
        "source_addr_npi": settings.source_npi,
        "dest_addr_ton": settings.destination_ton,
        "dest_addr_npi": settings.destination_npi,
        "protocol_id": settings.protocol_id,
        "priority_flag": settings.priority,
        "validity_period": submit.validity,
        "registered_delivery": settings.registered_delivery,
        "replace_if_present_flag": settings.replace_if_present,
        "data_coding": submit.data_coding,
        "sm_default_msg_id": settings.default_message_id,
    }
    for name, value in submit.extra.items():
        if not name.startswith("_"):
            fields[name] = value
    if submit.udhi:
        fields["esm_class"] = fields.get("esm_class", 0) | UDHI
    sender = sender_kind(source)
    if source and sender in settings.senders:
        fields["source_addr_ton"], fields["source_addr_npi"] = settings.senders[sender]
    if not settings.plus:
        destination = destination.removeprefix("+")
        if sender == "long_code":
            source = source.removeprefix("+")
    fields["source_addr"], fields["destination_addr"] = source, destination
    return fields
