"""Matches carriers' receipts to messages that came by SMPP or plain `/send`, and reports them.

The carrier's answer has the id under which its receipt will come. The message is stored under
account and id before the answer is recorded. The receipt becomes a report to the SMPP client (a
deliver_sm that names the message by our id) or to the URL given in `dlr-url`. The report is stored
before the receipt is acknowledged, and kept until it is delivered (`retry_queue`).

A message of several parts is reported once, when all of them have ended, with the worst state.
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
from messaging.smpp.protocol.receipt import Receipt, State, fits, read_receipt, worst_state
from reconciler.launcher.dlr import content
from reconciler.launcher.dlr.event_file import Event, EventFile
from reconciler.launcher.dlr.retry_queue import Report, RetryQueue
from reconciler.launcher.lane.storage import Source
from reconciler.launcher.lane.submit import Outcome, Submit

RECEIPT_TIMEOUT = 86_400.0  # seconds that a message waits for its receipt
MAX_MESSAGES = 500_000  # that wait for receipts; with more the oldest are dropped
MAX_EARLY = 1_000  # receipts that came before the answers to their submits
MAX_REPORTED = 10_000  # keys of reported receipts: some carriers send each receipt twice
ONLY_FAILURES, INTERMEDIATE = 0x02, 0x10  # registered_delivery, SMPP 3.4 §5.2.17


@dataclass
class AwaitedMessage:
    """A message that waits for receipts. The names of its fields are in the file.

    `target`: a system_id or a URL (`content.target_of`); `submit`: what its reports need
    (`content.summary`); `keys`: of the parts that wait for their final receipt; `settled`: how many
    parts have ended; `state` and `error`: the worst of those.
    """

    token: str
    at: float
    target: str
    submit: dict[str, Any]
    parts: int
    keys: list[str]
    settled: int = 0
    state: str = ""
    error: str = ""


class DlrLookup:
    """The lane calls `on_outcome` and `on_deliver`. `message_id_base(cid)` is `dlr_msgid`."""

    def __init__(
        self, folder: Path, retry_queue: RetryQueue, message_id_base: Callable[[str], int]
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._retry_queue, self._message_id_base = retry_queue, message_id_base
        # By token, the oldest first.
        self._awaited: OrderedDict[str, AwaitedMessage] = OrderedDict()
        self._by_key: dict[str, AwaitedMessage] = {}  # by account and id of a part
        self._early: OrderedDict[str, Receipt] = OrderedDict()
        self._reported_keys: OrderedDict[str, None] = OrderedDict()
        self._file = EventFile(folder / "awaited.events", self._snapshot)
        for event in self._file.read():
            self._apply(event)
        self._file.open()

    def on_outcome(self, submit: Submit, outcome: Outcome) -> None:
        """A part has its answer, or will get none. Raises OSError."""
        target = content.target_of(submit)
        if not target:
            return
        if content.wants_answer(submit):
            self._report_answer(target, submit, outcome)
        if not content.wants_receipt(submit):
            return
        if submit.token not in self._awaited:
            said, parts = content.summary(submit), len(submit.parts)
            new = AwaitedMessage(submit.token, time.time(), target, said, parts, [])
            self._record({"await": asdict(new)})
        known = self._awaited[submit.token]
        if len(known.keys) + known.settled >= known.parts:
            return  # known from before a kill
        if outcome.status == 0:
            self._await(submit.token, f"{submit.extra['_account']}:{id_key(outcome.carrier_id)}")
        else:
            is_unknown = outcome.status is None and outcome.part is not None
            state = State.UNKNOWN if is_unknown else State.UNDELIVERED
            count = len(submit.parts) if outcome.part is None else 1
            error = f"{outcome.status or 0:03d}"
            self._settle({"token": submit.token, "state": state, "error": error, "count": count})

    def on_deliver(self, source: Source, pdu: Pdu) -> bool:
        """Whether it is a receipt of an awaited message; it is stored then. Raises OSError."""
        receipt = read_receipt(pdu)
        if receipt is None:
            return False
        account, base = source.settings.account, FORMATS[self._message_id_base(source.cid)]
        for key in (f"{account}:{key}" for id in receipt.ids for key in id_keys(id, base)):
            message = self._by_key.get(key)
            if key in self._reported_keys:
                return True
            if message is None:
                if receipt.marked and source.in_flight:
                    self._early[key] = receipt
                    while len(self._early) > MAX_EARLY:
                        self._early.popitem(last=False)
            elif fits(receipt, number=message.submit["to"], sender=message.submit["from"]):
                self._received(message, key, receipt)
                return True
        return False

    def sync(self) -> None:
        """Sync the file, in any thread. Raises OSError."""
        self._file.sync()

    def _await(self, token: str, key: str) -> None:
        self._record({"token": token, "key": key})
        receipt = self._early.pop(key, None)
        if receipt is not None:
            self._received(self._awaited[token], key, receipt)

    def _received(self, message: AwaitedMessage, key: str, receipt: Receipt) -> None:
        if receipt.state.is_final:
            said = {"state": receipt.state, "error": receipt.error, "count": 1}
            said["carrier_id"] = receipt.ids[0]
            self._settle({"token": message.token, "settled": key, **said})
        elif receipt.state is State.UNKNOWN or message.submit["receipts"] & INTERMEDIATE:
            name = f"{receipt.word}-{time.time_ns()}"
            self._report(message, receipt.state, receipt.error, name, receipt.ids[0])

    def _settle(self, event: Event) -> None:
        """Report before the message is dropped: a kill in between makes a second one, not none."""
        message = self._awaited[event["token"]]
        if message.settled + event["count"] >= message.parts:
            error, state = event["error"], State(event["state"])
            if message.state and worst_state((State(message.state), state)) is not state:
                error = message.error
            state = worst_state((State(message.state or state), state))
            if state is not State.DELIVERED or not message.submit["receipts"] & ONLY_FAILURES:
                self._report(message, state, error, "end", event.get("carrier_id", ""))
        self._record(event)

    def _report(
        self, message: AwaitedMessage, state: State, error: str, name: str, carrier_id: str
    ) -> None:
        about = (message.token, message.target, message.submit)
        said = content.receipt(*about, state, error, carrier_id)
        self._retry_queue.put(Report(f"{message.token}:{name}", message.target, time.time(), said))

    def _report_answer(self, target: str, submit: Submit, outcome: Outcome) -> None:
        """Once a message: for the first part that was refused, or for the last part."""
        if outcome.status != 0 or outcome.part == len(submit.parts) - 1:
            said = content.answer(submit, outcome)
            self._retry_queue.put(Report(f"{submit.token}:answer", target, time.time(), said))

    def _record(self, event: Event) -> None:
        self._file.append(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        if "await" in event:
            message = AwaitedMessage(**event["await"])
            self._awaited[message.token] = message
            self._by_key |= dict.fromkeys(message.keys, message)
            self._drop_old()
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
            self._reported_keys[event["settled"]] = None
            if len(self._reported_keys) > MAX_REPORTED:
                self._reported_keys.popitem(last=False)
        state = State(event["state"])
        if not known.state or worst_state((State(known.state), state)) is state:
            known.state, known.error = state, event["error"]
        known.settled += event["count"]
        if known.settled >= known.parts:
            self._drop(known)

    def _drop_old(self) -> None:
        oldest = next(iter(self._awaited.values()))
        while len(self._awaited) > MAX_MESSAGES or oldest.at < time.time() - RECEIPT_TIMEOUT:
            self._drop(oldest)
            if not self._awaited:
                return
            oldest = next(iter(self._awaited.values()))

    def _drop(self, message: AwaitedMessage) -> None:
        self._awaited.pop(message.token, None)
        for key in message.keys:
            self._by_key.pop(key, None)

    def _snapshot(self) -> Iterator[Event]:
        return ({"await": asdict(message)} for message in self._awaited.values())
