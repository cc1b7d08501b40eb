"""What is said between bind and unbind: the parts of a message, and the receipts for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from messaging.smpp import failures
from messaging.smpp.addressing import Address
from messaging.smpp.connect import Deadline, LinkError, NoAnswer
from messaging.smpp.failures import Failure
from messaging.smpp.receipts import DELIVERED, Receipt, is_about, matching_format, read_receipt
from messaging.smpp.session import LATER, Delivery, Session
from messaging.smpp.status import OK
from messaging.smpp.text import GSM7, Encoded

UCS2_CODING = 8  # data_coding, §5.2.19
UDHI = 0x40  # esm_class: user data header, §5.2.12
FINAL_RECEIPT = 1  # registered_delivery, §5.2.17: whether it was delivered or not


@dataclass(frozen=True)
class Message:
    """A text with everything that its PDUs say.

    `gsm_data_coding`: how this carrier marks GSM-7 (unpacked septets whatever the mark).
    `message_id_format`: see `receipts.same_id`. `per_second`: submits that it allows.
    """

    source: Address
    destination: Address
    text: Encoded
    gsm_data_coding: int = 0
    message_id_format: str = "same"
    per_second: float | None = None

    @property
    def data_coding(self) -> int:
        return self.gsm_data_coding if self.text.encoding is GSM7 else UCS2_CODING


@dataclass(frozen=True)
class Taken:
    """Ids of the parts that the carrier took ("" where it gave none), and why not all of them."""

    ids: list[str]
    failure: Failure | None = None


@dataclass(frozen=True)
class Verdict:
    """What the receipts said, or why there was none."""

    state: Literal["submitted", "delivered", "undelivered", "no_receipt"]
    detail: str = ""
    failure: Failure | None = None


def submit(session: Session, message: Message, *, seconds: float) -> Taken:
    """Hand over all parts, one after another; each answer may take `seconds`."""
    parts = message.text.user_data(secrets.randbelow(256))
    ids: list[str] = []
    for number, part in enumerate(parts, start=1):
        what = f"part {number} of {len(parts)}" if message.text.is_long else "the submit"
        try:
            if ids and message.per_second:
                session.idle(1 / message.per_second)
            answer = session.submit(deadline=Deadline.after(seconds), **_fields(message, part))
        except LinkError as error:
            return Taken(ids, failures.broken(error, "submit", seconds))
        if answer.status != OK:
            return Taken(ids, failures.refused(answer.status, "submit", what))
        ids.append(answer.message_id)
    return Taken(ids)


def _fields(message: Message, part: bytes) -> dict[str, object]:
    return {
        "source_addr_ton": message.source.ton,
        "source_addr_npi": message.source.npi,
        "source_addr": message.source.text,
        "dest_addr_ton": message.destination.ton,
        "dest_addr_npi": message.destination.npi,
        "destination_addr": message.destination.text,
        "esm_class": UDHI if message.text.is_long else 0,
        "registered_delivery": FINAL_RECEIPT,
        "data_coding": message.data_coding,
        "short_message": part,
    }


def await_receipts(
    session: Session, message: Message, ids: list[str], *, seconds: float, live_bind: bool = False
) -> Verdict:
    """Wait for the last word on every part, at most `seconds`.

    A receipt of ours is acknowledged; everything else is left with the carrier (`session.LATER`).
    """
    desk = _Desk(message, ids)
    deadline = Deadline.after(seconds)
    while desk.is_open:
        try:
            delivery = session.delivery(deadline=deadline)
            session.answer(delivery, OK if desk.takes(delivery) else LATER, deadline=deadline)
        except NoAnswer:
            break
        except LinkError as error:
            return Verdict("no_receipt", failure=failures.broken(error, "receipt", seconds))
    return desk.verdict(seconds, live_bind)


@dataclass
class _Desk:
    """Sorts what comes in, part by part."""

    message: Message
    ids: list[str]
    states: dict[str, Receipt] = field(default_factory=dict)  # the latest, by our id
    foreign: int = 0
    other_format: str = ""  # a receipt that is ours if message_id_format were this
    other_number: bool = False  # a receipt with our id about somebody else

    @property
    def is_open(self) -> bool:
        last = self.states.values()
        if any(not receipt.is_interim and receipt.state != DELIVERED for receipt in last):
            return False
        return len(last) < len(set(self.ids)) or any(receipt.is_interim for receipt in last)

    def takes(self, delivery: Delivery) -> bool:
        """Whether this is a receipt for a part of ours."""
        receipt = read_receipt(delivery.fields)
        ours = self._match(receipt) if receipt else ""
        if receipt and ours:
            known = self.states.get(ours)
            if known is None or known.is_interim:  # the last word stays the last
                self.states[ours] = receipt
            return True
        self.foreign += 1
        return False

    def _match(self, receipt: Receipt) -> str:
        """The id of ours that it is about, "" if it is not."""
        wanted = self.message.message_id_format
        for ours in filter(None, self.ids):
            found = matching_format(ours, receipt, wanted)
            if found is None:
                continue
            if not is_about(self.message.destination.text, receipt):
                self.other_number = True
            elif found == wanted:
                return ours
            else:
                self.other_format = found
        return ""

    def verdict(self, seconds: float, live_bind: bool) -> Verdict:
        for ours, receipt in self.states.items():
            if not receipt.is_interim and receipt.state != DELIVERED:
                return Verdict(
                    "undelivered", failure=failures.undelivered(ours, receipt.state, receipt.error)
                )
        if not self.is_open:
            return Verdict("delivered", self._said())
        return Verdict("no_receipt", failure=self._missing(seconds, live_bind))

    def _said(self) -> str:
        words = {f"{receipt.state} (err {receipt.error or 'none'})" for receipt in self.ours()}
        return f"{', '.join(sorted(words))} for {len(self.states)} of {len(set(self.ids))}"

    def ours(self) -> list[Receipt]:
        return list(self.states.values())

    def _missing(self, seconds: float, live_bind: bool) -> Failure:
        said = f"no delivery receipt within {seconds:g} s"
        if self.states:
            said = f"no final delivery receipt within {seconds:g} s, only {self._said()}"
        if self.foreign:
            said += f"; {self.foreign} that were not for this message were left with the carrier"
        if self.other_format:
            return Failure("receipt_id_format", said, _FORMAT_HINT.format(self.other_format))
        if not any(self.ids):
            return Failure("no_message_id", said, _NO_ID_HINT)
        if self.other_number:
            return Failure("no_receipt", said, _OTHER_NUMBER_HINT)
        return Failure("no_receipt", said, _LIVE_HINT if live_bind else _MISSING_HINT)


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
