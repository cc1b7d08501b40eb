"""Load on an SMPP server: submits as fast as it answers, on a plain socket.

    python smpp_load.py FILE

FILE holds JSON `{"host", "port", "system_id", "password", "source", "to", "text", "count",
"window"}`. What is refused is submitted again a moment later. Prints `{"started", "last_report":
Unix seconds, "cpu", "statuses": {"0": 1000}}` when every message has its receipt.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from collections import Counter

PAUSE = 0.01  # seconds before refused submits are sent again
BIND, SUBMIT, DELIVER, ENQUIRE, RESPONSE = 0x09, 0x04, 0x05, 0x15, 0x80000000


def pdu(command: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, 0, sequence) + body


def text(value: str) -> bytes:
    return value.encode("latin-1") + b"\0"


class Esme:
    def __init__(self, order: dict) -> None:
        self.count, self.window = order["count"], order["window"]
        self.sequence = self.sent = self.reported = 0
        self.last_report = 0.0
        self.statuses: Counter[int] = Counter()
        octets = order["text"].encode("latin-1")
        self.body = b"".join([
            b"\0\5\0", text(order["source"]), b"\1\1", text(order["to"]),
            b"\0\0\0\0\0\1\0\0\0", bytes([len(octets)]), octets,
        ])  # fmt: skip
        self.socket = socket.create_connection((order["host"], order["port"]))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        who = text(order["system_id"]) + text(order["password"])
        self.socket.sendall(pdu(BIND, 1, who + b"\0\x34\0\0\0"))
        self.pieces = b""

    def run(self) -> None:
        while self.reported < self.count:
            data = self.socket.recv(262_144)
            assert data, "the server hung up"
            self.take(data)

    def take(self, data: bytes) -> None:
        self.pieces += data
        at, out = 0, []
        while len(self.pieces) - at >= 16:
            length, command, status, sequence = struct.unpack_from(">LLLL", self.pieces, at)
            if len(self.pieces) - at < length:
                break
            at += length
            out += self.said(command, status, sequence)
        self.pieces = self.pieces[at:]
        self.socket.sendall(b"".join(out))

    def said(self, command: int, status: int, sequence: int) -> list[bytes]:
        """Answer a PDU that came."""
        if command == RESPONSE | BIND:
            assert status == 0, f"the bind was refused: 0x{status:X}"
            return [self.next_submit() for _ in range(min(self.window, self.count))]
        if command == RESPONSE | SUBMIT:
            self.statuses[status] += 1
            if status:
                self.sent -= 1
                time.sleep(PAUSE)
            return [self.next_submit()] if self.sent < self.count else []
        if command == DELIVER:
            self.reported += 1
            self.last_report = time.time()
            return [pdu(RESPONSE | DELIVER, sequence, b"\0")]
        return [pdu(RESPONSE | ENQUIRE, sequence)] if command == ENQUIRE else []

    def next_submit(self) -> bytes:
        self.sent += 1
        self.sequence += 1
        return pdu(SUBMIT, self.sequence + 1, self.body)


def main() -> None:
    with open(sys.argv[1]) as file:
        esme = Esme(json.load(file))
    started, cpu = time.time(), time.process_time()
    esme.run()
    said = {
        "started": started,
        "last_report": esme.last_report,
        "cpu": time.process_time() - cpu,
        "statuses": esme.statuses,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
