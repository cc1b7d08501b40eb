"""Long texts are cut between characters, and sent whole.

Jasmin's faults (protocols/smpp/operations.py:140-185, protocols/http/configs.py:33): parts are cut
at fixed lengths, even inside an escaped character (`€` is 1B 65 in GSM 03.38) or a surrogate pair
(an emoji is D83D DE00 in UTF-16), which phones show as rubbish. Everything after the fifth part is
dropped, and the answer is a success.

The cure: a part ends before a character that does not fit. There are as many parts as the text
needs, up to 255, the most that the header can number.
"""

from __future__ import annotations

import os
import struct
from typing import Any

from jasmin.protocols.smpp.operations import SMPPOperationFactory
from smpp.pdu.operations import SubmitSM
from smpp.pdu.pdu_types import EsmClass, EsmClassGsmFeatures, EsmClassMode, EsmClassType
from smpp.pdu.pdu_types import MoreMessagesToSend as More

MAX_PARTS = 255
ESCAPE = 0x1B  # GSM 03.38 §6.2.1
_UDH = EsmClass(
    EsmClassMode.DEFAULT, EsmClassType.DEFAULT, [EsmClassGsmFeatures.UDHI_INDICATOR_SET]
)
UCS2 = 8  # data_coding, SMPP 3.4 §5.2.19
_WIDE = (2, 3, 4, 5, 6, 7, UCS2, 9, 10, 13, 14)  # a character takes 8 or 16 bits, not 7


def correct() -> None:
    os.environ.setdefault("HTTP_API_LONG_CONTENT_MAX_PARTS", str(MAX_PARTS))
    make = SMPPOperationFactory.SubmitSM

    def make_segments(
        self: SMPPOperationFactory, short_message: bytes, data_coding: int = 0, **fields: Any
    ) -> SubmitSM:
        raw = short_message.encode() if isinstance(short_message, str) else short_message
        texts = split(raw, data_coding)
        if len(texts) > min(MAX_PARTS, self.long_content_max_parts):
            raise ValueError(f"a text of {len(texts)} parts is too long")
        parts = [make(self, text, data_coding, **fields) for text in texts]
        if len(parts) > 1:
            reference = self.claimLongMsgRefNum()
            for number, part in enumerate(parts, start=1):
                mark = _mark_sar if self.long_content_split == "sar" else _mark_udh
                mark(part, reference, len(parts), number)
            for part, following in zip(parts, parts[1:], strict=False):
                part.nextPdu = following
        return parts[0]

    SMPPOperationFactory.SubmitSM = make_segments


def split(raw: bytes, data_coding: int) -> list[bytes]:
    """The octets of each part, without headers; one part if the text fits a single message."""
    alone, room = (140, 134) if data_coding in _WIDE else (160, 153)  # octets, without the header
    if len(raw) <= alone:
        return [raw]
    texts, start = [], 0
    while start < len(raw):
        end = min(start + room, len(raw))
        if end < len(raw):
            end -= _incomplete_octets(raw[start:end], data_coding)
        texts.append(raw[start:end])
        start = end
    return texts


def _incomplete_octets(text: bytes, data_coding: int) -> int:
    """How many octets at the end of `text` belong to a character that is cut."""
    if data_coding == UCS2:
        return 2 if 0xD8 <= text[-2] <= 0xDB else 0
    return 1 if data_coding not in _WIDE and text[-1] == ESCAPE else 0


def _mark_sar(part: SubmitSM, reference: int, total: int, number: int) -> None:
    part.params["sar_msg_ref_num"] = reference
    part.params["sar_total_segments"] = total
    part.params["sar_segment_seqnum"] = number


def _mark_udh(part: SubmitSM, reference: int, total: int, number: int) -> None:
    """TS 23.040 §9.2.3.24.1"""
    header = struct.pack("!6B", 5, 0, 3, reference, total, number)
    part.params["esm_class"] = _UDH
    more = More.MORE_MESSAGES if number < total else More.NO_MORE_MESSAGES
    part.params["more_messages_to_send"] = more
    part.params["short_message"] = header + part.params["short_message"]
