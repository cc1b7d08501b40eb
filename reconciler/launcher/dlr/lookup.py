"""What becomes of messages that platforms and plain `/send` submitted, told to whoever asked.

The carrier's answer says under which id its receipt will come: who waits for that is written down,
by account and id, before the answer is over. The receipt becomes a report for the platform (a
deliver_sm that names the message by our id) or for the address given in `dlr-url`; that is written
down before the carrier hears that we have the receipt, and kept until it was taken (`outbox.py`).

A message of several parts is reported once, when all are settled, by the worst that befell one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from messaging.smpp.protocol.message_ids import FORMATS, id_key, id_keys
from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.receipt import Receipt, State, fits, read_receipt, worst
from reconciler.launcher.dlr import content
from reconciler.launcher.dlr.event_file import Event, EventFile
from reconciler.launcher.dlr.retry_queue import Outbox, Report
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.submit import End, Submit

REMEMBERED = 86_400.0  # seconds that a receipt may come after its submit
MOST = 500_000  # messages that wait for receipts; the oldest are forgotten
MOST_EARLY = 1_000  # receipts that came before the answers of their submits
MOST_TOLD = 10_000  # keys that are remembered: some carriers send each receipt twice
ONLY_FAILURES, INTERMEDIATE = 0x02, 0x10  # registered_delivery, SMPP 3.4 §5.2.17


@dataclass
class Awaited:
    """A message whose receipts somebody waits for. `submit` is what a report says of it (`forms`);
    `keys` are of parts that wait for their last receipt, `settled` counts the others."""

    token: str
    at: float
    target: str
    submit: dict[str, Any]
    parts: int
    keys: list[str]
    settled: int = 0
    state: str = ""
    error: str = ""


class Reports:
    """`ended` and `delivered` are for the lane; `bases_of(cid)` is Jasmin's `dlr_msgid`."""

    def __init__(self, folder: Path, outbox: Outbox, bases_of: Callable[[str], int]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._outbox, self._bases_of = outbox, bases_of
        self._awaited: OrderedDict[str, Awaited] = OrderedDict()  # by token, the oldest first
        self._by_key: dict[str, Awaited] = {}
        self._early: OrderedDict[str, Receipt] = OrderedDict()
        self._told: OrderedDict[str, None] = OrderedDict()
        self._kept = EventFile(folder / "awaited.events", self._live)
        for event in self._kept.read():
            self._apply(event)
        self._kept.open()

    def ended(self, submit: Submit, end: End) -> None:
        """A part has its answer, or will have none. Raises OSError."""
        target = content.target_of(submit)
        if not target:
            return
        if content.hears_answers(submit):
            self._tell_answer(target, submit, end)
        if not content.hears_receipts(submit):
            return
        if submit.token not in self._awaited:
            said, parts = content.summary(submit), len(submit.parts)
            new = Awaited(submit.token, time.time(), target, said, parts, [])
            self._say({"await": asdict(new)})
        known = self._awaited[submit.token]
        if len(known.keys) + known.settled >= known.parts:
            return  # heard before a kill
        if end.status == 0:
            self._await(submit.token, f"{submit.extra['_account']}:{id_key(end.carrier_id)}")
        else:
            is_unknown = end.status is None and end.part is not None
            state = State.UNKNOWN if is_unknown else State.UNDELIVERED
            count = len(submit.parts) if end.part is None else 1
            error = f"{end.status or 0:03d}"
            self._settle({"token": submit.token, "state": state, "error": error, "count": count})

    def delivered(self, connector: Connector, pdu: Pdu) -> bool:
        """Whether it was a receipt that somebody waits for; then it is kept. Raises OSError."""
        receipt = read_receipt(pdu)
        if receipt is None:
            return False
        account, base = connector.settings.account, FORMATS[self._bases_of(connector.cid)]
        for key in (f"{account}:{key}" for id in receipt.ids for key in id_keys(id, base)):
            message = self._by_key.get(key)
            if key in self._told:
                return True
            if message is None:
                if receipt.marked and connector.in_flight:
                    self._early[key] = receipt
                    while len(self._early) > MOST_EARLY:
                        self._early.popitem(last=False)
            elif fits(receipt, number=message.submit["to"], sender=message.submit["from"]):
                self._received(message, key, receipt)
                return True
        return False

    def keep(self) -> None:
        """On the disk, in any thread. Raises OSError."""
        self._kept.keep()

    def _await(self, token: str, key: str) -> None:
        self._say({"token": token, "key": key})
        receipt = self._early.pop(key, None)
        if receipt is not None:
            self._received(self._awaited[token], key, receipt)

    def _received(self, message: Awaited, key: str, receipt: Receipt) -> None:
        if receipt.state.is_final:
            said = {"state": receipt.state, "error": receipt.error, "count": 1}
            said["carrier_id"] = receipt.ids[0]
            self._settle({"token": message.token, "settled": key, **said})
        elif receipt.state is State.UNKNOWN or message.submit["receipts"] & INTERMEDIATE:
            name = f"{receipt.word}-{time.time_ns()}"
            self._tell(message, receipt.state, receipt.error, name, receipt.ids[0])

    def _settle(self, event: Event) -> None:
        """Tell the report before the message is forgotten: a kill in between tells it again."""
        message = self._awaited[event["token"]]
        if message.settled + event["count"] >= message.parts:
            error, state = event["error"], State(event["state"])
            if message.state and worst((State(message.state), state)) is not state:
                error = message.error
            state = worst((State(message.state or state), state))
            if state is not State.DELIVERED or not message.submit["receipts"] & ONLY_FAILURES:
                self._tell(message, state, error, "end", event.get("carrier_id", ""))
        self._say(event)

    def _tell(self, message: Awaited, state: State, error: str, name: str, carrier_id: str) -> None:
        told = (message.token, message.target, message.submit)
        said = content.receipt(*told, state, error, carrier_id)
        self._outbox.put(Report(f"{message.token}:{name}", message.target, time.time(), said))

    def _tell_answer(self, target: str, submit: Submit, end: End) -> None:
        """Once for a message: of the first part that was not taken, or of the last."""
        if end.status != 0 or end.part == len(submit.parts) - 1:
            said = content.answer(submit, end)
            self._outbox.put(Report(f"{submit.token}:answer", target, time.time(), said))

    def _say(self, event: Event) -> None:
        self._kept.say(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        if "await" in event:
            message = Awaited(**event["await"])
            self._awaited[message.token] = message
            self._by_key |= dict.fromkeys(message.keys, message)
            self._forget_old()
            return
        known = self._awaited.get(event["token"])
        if known is None:
            return
        if "key" in event:
            known.keys.append(event["key"])
            self._by_key[event["key"]] = known
            return
        if "settled" in event and event["settled"] in known.keys:
            known.keys.remove(event["settled"])
            self._by_key.pop(event["settled"], None)
            self._told[event["settled"]] = None
            if len(self._told) > MOST_TOLD:
                self._told.popitem(last=False)
        state = State(event["state"])
        if not known.state or worst((State(known.state), state)) is state:
            known.state, known.error = state, event["error"]
        known.settled += event["count"]
        if known.settled >= known.parts:
            self._forget(known)

    def _forget_old(self) -> None:
        oldest = next(iter(self._awaited.values()))
        while len(self._awaited) > MOST or oldest.at < time.time() - REMEMBERED:
            self._forget(oldest)
            if not self._awaited:
                return
            oldest = next(iter(self._awaited.values()))

    def _forget(self, message: Awaited) -> None:
        self._awaited.pop(message.token, None)
        for key in message.keys:
            self._by_key.pop(key, None)

    def _live(self) -> Iterator[Event]:
        return ({"await": asdict(message)} for message in self._awaited.values())
