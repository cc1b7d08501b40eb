"""The message of a probe: submit its parts, and wait for their receipts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from messaging.net.deadline import Deadline
from messaging.net.errors import LinkError, NoAnswer
from messaging.smpp import failures
from messaging.smpp.addressing import SmppAddress
from messaging.smpp.blocking_session import LATER, Session
from messaging.smpp.failures import Failure
from messaging.smpp.protocol.client_session import Delivery
from messaging.smpp.protocol.command_status import OK
from messaging.smpp.protocol.message_ids import matching_format
from messaging.smpp.protocol.receipt import (
    Receipt,
    State,
    fits,
    is_marked,
    read_receipt,
    receipt_text,
    worst_state,
)
from messaging.smpp.protocol.segmentation import Encoded
from messaging.smpp.protocol.tlv import Tlv
from messaging.smpp.protocol.user_data import UDHI

OTHERS_SECONDS = 1.0
FINAL_RECEIPT = 1  # registered_delivery, §5.2.17: whether it was delivered or not


@dataclass(frozen=True)
class Message:
    """A text with the fields of its PDUs.

    `message_id_format`: see `protocol.message_ids`. `per_second`: the carrier's throughput. `tlvs`
    are added to each part.
    """

    source: SmppAddress
    destination: SmppAddress
    text: Encoded
    message_id_format: str = "same"
    per_second: float | None = None
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True)
class Submission:
    """Ids of the accepted parts ("" where the carrier gave none); `failure` if not all were."""

    ids: list[str]
    failure: Failure | None = None


@dataclass(frozen=True)
class ReceiptResult:
    """The result of the receipts, or why none came."""

    state: Literal["submitted", "delivered", "undelivered", "no_receipt"]
    detail: str = ""
    failure: Failure | None = None


def submit(session: Session, message: Message, *, seconds: float) -> Submission:
    """Submit all parts, one after another; each answer may take `seconds`."""
    parts = message.text.user_data(secrets.randbelow(256))
    ids: list[str] = []
    for number, part in enumerate(parts, start=1):
        what = f"part {number} of {len(parts)}" if message.text.is_long else "the submit"
        try:
            if ids and message.per_second:
                session.idle(1 / message.per_second)
            answer = session.submit(
                deadline=Deadline.after(seconds), tlvs=message.tlvs, **_fields(message, part)
            )
        except LinkError as error:
            return Submission(ids, failures.broken(error, "submit", seconds))
        if answer.status != OK:
            return Submission(ids, failures.refused(answer.status, "submit", what))
        ids.append(answer.message_id)
    return Submission(ids)


def _fields(message: Message, part: bytes) -> dict[str, int | str | bytes]:
    return {
        "source_addr_ton": message.source.ton,
        "source_addr_npi": message.source.npi,
        "source_addr": message.source.text,
        "dest_addr_ton": message.destination.ton,
        "dest_addr_npi": message.destination.npi,
        "destination_addr": message.destination.text,
        "esm_class": UDHI if message.text.is_long else 0,
        "registered_delivery": FINAL_RECEIPT,
        "data_coding": message.text.data_coding,
        "short_message": part,
    }


def await_receipts(
    session: Session, message: Message, ids: list[str], *, seconds: float, live_bind: bool = False
) -> ReceiptResult:
    """Wait at most `seconds` for the final receipt of every part. The worst one counts: once a part
    is not delivered, the receipts of the others are awaited for `OTHERS_SECONDS` only.

    Receipts of this message are acknowledged; everything else is left with the carrier
    (`blocking_session.LATER`).
    """
    matcher = _ReceiptMatcher(message, ids)
    deadline = Deadline.after(seconds)
    while matcher.is_open:
        try:
            delivery = session.delivery(deadline=deadline)
            session.answer(delivery, OK if matcher.takes(delivery) else LATER, deadline=deadline)
            if matcher.has_failed:
                deadline = deadline.within(OTHERS_SECONDS)
        except NoAnswer:
            break
        except LinkError as error:
            return ReceiptResult("no_receipt", failure=failures.broken(error, "receipt", seconds))
    return matcher.result(seconds, live_bind, session.unreadable)


@dataclass
class _ReceiptMatcher:
    """Matches incoming receipts to the parts of the message."""

    message: Message
    ids: list[str]
    last: dict[str, Receipt] = field(default_factory=dict)  # the latest, by our id
    foreign: int = 0
    unknown_form: str = ""  # text of a receipt that can't be parsed
    other_format: str = ""  # message_id_format by which a receipt would match
    other_number: bool = False  # a receipt with a matching id for another number

    @property
    def is_open(self) -> bool:
        ended = [receipt for receipt in self.last.values() if receipt.state.is_final]
        return len(ended) < len(set(self.ids))

    @property
    def has_failed(self) -> bool:
        return self._so_far in (State.UNDELIVERED, State.EXPIRED)

    @property
    def _so_far(self) -> State:
        return worst_state(receipt.state for receipt in self.last.values())

    def takes(self, delivery: Delivery) -> bool:
        """Whether this is a receipt for a part of the message."""
        receipt = read_receipt(delivery.pdu)
        ours = self._match(receipt) if receipt else ""
        if receipt and ours:
            known = self.last.get(ours)
            if known is None or not known.state.is_final:  # a final receipt stays
                self.last[ours] = receipt
            return True
        if receipt is None and is_marked(delivery.pdu):
            self.unknown_form = receipt_text(delivery.pdu)[:_MAX_SHOWN] or "(no text)"
        self.foreign += 1
        return False

    def _match(self, receipt: Receipt) -> str:
        """The id of the part that it is for; "" if none."""
        wanted = self.message.message_id_format
        for ours in filter(None, self.ids):
            found = matching_format(ours, receipt.ids, wanted)
            if found is None:
                continue
            number, sender = self.message.destination.text, self.message.source.text
            if not fits(receipt, number=number, sender=sender):
                self.other_number = self.other_number or receipt.marked
            elif found == wanted:
                return ours
            else:
                self.other_format = found
        return ""

    def result(self, seconds: float, live_bind: bool, unreadable: int) -> ReceiptResult:
        state = self._so_far
        if self.has_failed:
            ours, receipt = next(each for each in self.last.items() if each[1].state is state)
            failure = failures.undelivered(ours, receipt.word, receipt.error)
            return ReceiptResult("undelivered", failure=failure)
        if state is State.DELIVERED:
            silent = len(set(self.ids)) - len(self.last)
            alone = _ONE_PART.format(silent=silent, seconds=seconds) if silent else ""
            return ReceiptResult("delivered", self._said() + alone)
        return ReceiptResult("no_receipt", failure=self._missing(seconds, live_bind, unreadable))

    def _said(self) -> str:
        words = {
            f"{receipt.word or receipt.state.upper()} (err {receipt.error or 'none'})"
            for receipt in self.last.values()
        }
        return f"{', '.join(sorted(words))} for {len(self.last)} of {len(set(self.ids))}"

    def _missing(self, seconds: float, live_bind: bool, unreadable: int) -> Failure:
        said = f"no delivery receipt within {seconds:g} s"
        if self.last:
            said = f"no final delivery receipt within {seconds:g} s, only {self._said()}"
        if self.foreign:
            said += f"; {self.foreign} that were not for this message were left with the carrier"
        if unreadable:
            said += f"; {unreadable} could not be read and were left there too"
        if self.other_format:
            return Failure("receipt_id_format", said, _FORMAT_HINT.format(self.other_format))
        if self.unknown_form:
            said += f"; a receipt came whose form is not known: {self.unknown_form}"
            return Failure("receipt_form", said, _FORM_HINT)
        if not any(self.ids):
            return Failure("no_message_id", said, _NO_ID_HINT)
        if self.other_number:
            return Failure("no_receipt", said, _OTHER_NUMBER_HINT)
        return Failure("no_receipt", said, _LIVE_HINT if live_bind else _MISSING_HINT)


_MAX_SHOWN = 200  # characters of a receipt
_ONE_PART = (
    "; none for the other {silent} within {seconds:g} s: where a carrier reports on one part only, "
    "that one counts"
)
_FORM_HINT = (
    "Neither its text nor its parameters name a message. Ask the carrier for receipts in the form "
    "of SMPP 3.4 Appendix B, or with receipted_message_id and message_state."
)
_MISSING_HINT = (
    "The carrier took the message and reported nothing: the handset may be off, or receipts are "
    "not switched on for this account. registered_delivery 1 was asked for; have them check."
)
_LIVE_HINT = (
    _MISSING_HINT + " Some carriers send receipts to any bind of the account: the gateway's own "
    "may have had it. Test with `via: gateway` to be sure."
)
_FORMAT_HINT = (
    "A receipt came whose id is this message's if it is read otherwise: set `message_id_format` "
    "of the credential to `{}`."
)
_NO_ID_HINT = (
    "The carrier took the message without giving it an id, so that no receipt can be told to be "
    "its own. SMPP 3.4 §4.4.2 asks for one: complain."
)
_OTHER_NUMBER_HINT = (
    "A receipt with this message's id came for another number: the carrier gives ids out twice. "
    "Ask whether ids are unique in the account, or its receipts lead nowhere."
)
