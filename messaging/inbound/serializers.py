"""Each field of an inbound text: of its answer, OpenAPI, and the filters of the list."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from messaging.inbound.models import RECEIVED, AccessState, InboundMessage
from messaging.messages.models import MessageStatus
from messaging.messages.serializers import INBOUND, OUTBOUND, MessageQuery
from messaging.numbers import as_read
from messaging.serializer_fields import DialledNumberParameter, Reference, SenderIsFrom
from messaging.smpp.protocol.data_coding import Charset
from orbit.api.answers import AnswerSerializer, TextOrNull

ANY = "any"
_SHORT_OR_NAME = re.compile(r"[0-9]{3,8}|(?=.*[A-Za-z]).{1,20}")


class AutomaticAnswerSerializer(AnswerSerializer):
    message_id = TextOrNull(source="answer_id", help_text="the message that answered it")
    error = TextOrNull(source="answer_error", help_text="why the answer could not be sent")


class InboundMessageSerializer(SenderIsFrom, AnswerSerializer):
    """A text of a phone."""

    id = serializers.CharField()
    message_id = serializers.CharField(source="pk", help_text="the same as `id`")
    channel = serializers.ChoiceField(["sms"])
    direction = serializers.ChoiceField([INBOUND])
    sender = serializers.CharField(
        help_text="in E.164 where it can be read so, else as it came: a short code, a name"
    )
    from_is_e164 = serializers.BooleanField()
    to = serializers.CharField(source="receiver", help_text="likewise")
    body = serializers.CharField(
        help_text="the whole text; `…` stands where parts are missing. Hexadecimal digits if "
        "`encoding` is binary"
    )
    status = serializers.ChoiceField([RECEIVED])
    segments = serializers.IntegerField(help_text="of how many parts it is")
    encoding = serializers.ChoiceField(
        [each.value for each in Charset],
        source="charset",
        help_text="by data_coding; where that is 0, by `inbound_charset` of the credential",
    )
    complete = serializers.BooleanField(
        help_text="false: parts did not come within `inbound_parts_timeout` of the credential"
    )
    credential_id = serializers.CharField(allow_null=True)
    number_id = serializers.CharField(
        allow_null=True, help_text="the number of yours that it came to; null: it is not in "
        "`/v1/numbers`"
    )  # fmt: skip
    keyword = TextOrNull(help_text="that of the number with which it begins")
    in_reply_to = TextOrNull(
        help_text="your last message to this sender from the number that it came to, within 72 h"
    )
    answer = AutomaticAnswerSerializer(
        allow_null=True, help_text="the automatic answer; null if there was none"
    )
    received_at = serializers.DateTimeField(help_text="when its last part came")
    created_at = serializers.DateTimeField()

    def represent_channel(self, message: InboundMessage) -> str:
        return "sms"

    def represent_direction(self, message: InboundMessage) -> str:
        return INBOUND

    def represent_status(self, message: InboundMessage) -> str:
        return RECEIVED

    def represent_encoding(self, message: InboundMessage) -> str:
        return str(message.charset)

    def represent_answer(self, message: InboundMessage) -> dict[str, Any] | None:
        if not (message.answer_id or message.answer_error):
            return None
        return AutomaticAnswerSerializer.represent(message)


class InboundTlvSerializer(AnswerSerializer):
    tag = serializers.CharField(help_text="as `0x1400`")
    value = serializers.CharField(help_text="hexadecimal digits")


class InboundRawSerializer(AnswerSerializer):
    """What the carrier sent; numbers and TLVs are those of the first part."""

    data_coding = serializers.IntegerField()
    esm_class = serializers.IntegerField()
    parts = serializers.ListField(
        child=serializers.CharField(),
        help_text="the octets of each part that came, its header too, in hexadecimal digits",
    )
    tlvs = InboundTlvSerializer(many=True)


class InboundMessageDetailSerializer(InboundMessageSerializer):
    """A text with what the carrier sent."""

    access_delivery = serializers.ChoiceField(
        AccessState.values,
        allow_null=True,
        help_text="what became of it on your access bind; null: its number does not route there. "
        "`waiting` for your platform's deliver_sm_resp, of any of its parts",
    )
    raw = InboundRawSerializer(allow_null=True)

    def represent_access_delivery(self, message: InboundMessage) -> str | None:
        states = {row.access_state for row in message.pdus}
        return next((each for each in _WORST_FIRST if each in states), None)

    def represent_raw(self, message: InboundMessage) -> dict[str, Any] | None:
        rows = message.pdus
        if not rows:
            return None
        return {
            "data_coding": rows[0].data_coding,
            "esm_class": rows[0].esm_class,
            "parts": [row.octets for row in rows],
            "tlvs": rows[0].tlvs,
        }


_WORST_FIRST = (
    AccessState.WAITING,
    AccessState.EXPIRED,
    AccessState.REFUSED,
    AccessState.DELIVERED,
)


class AddressParameter(DialledNumberParameter):
    """A number in E.164 or in national form, a short code, or a name."""

    openapi = {"format": "address"}

    def to_internal_value(self, data: Any) -> str:
        seen = as_read(data)
        return seen if _SHORT_OR_NAME.fullmatch(seen) else super().to_internal_value(data)


class AnyMessageQuery(SenderIsFrom, MessageQuery):
    """The filters of the list, in both directions."""

    direction = serializers.ChoiceField(
        [OUTBOUND, INBOUND, ANY],
        default=OUTBOUND,
        help_text="outbound (default), inbound (texts of phones) or any",
    )
    status = serializers.ChoiceField([*MessageStatus.values, RECEIVED], required=False)
    to = AddressParameter(
        required=False,
        help_text="a number in E.164 e.g. +14155552671, or in the national form of a country that "
        "one of your carriers lists e.g. 0612345678; of texts of phones also a short code",
    )
    sender = AddressParameter(
        required=False, help_text="with direction=inbound: likewise, or a name as it came"
    )
    number_id = Reference(required=False, help_text="with direction=inbound: a number of yours")
