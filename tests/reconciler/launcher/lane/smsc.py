"""A carrier on a raw socket; it shares no code with what it tests."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

HEADER = struct.Struct(">IIII")
BIND_RX, BIND_TX, SUBMIT, DELIVER, UNBIND, BIND_TRX, ENQUIRE = 1, 2, 4, 5, 6, 9, 0x15
NACK, RESPONSE = 0x80000000, 0x80000000

RECEIPT = b"id:%b sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 stat:DELIVRD"


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0, length: int = 0) -> bytes:
    return HEADER.pack(length or 16 + len(body), command, status, sequence) + body


def deliver(text: bytes, *, esm_class: int = 4, tail: bytes = b"") -> bytes:
    """The body of a deliver_sm from 33612345678 to ACME."""
    addresses = b"\0\1\1" + b"33612345678\0" + b"\5\0ACME\0"
    return addresses + bytes([esm_class]) + bytes(8) + bytes([len(text)]) + text + tail


class Link:
    """One connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._turn = threading.Lock()

    def send(self, raw: bytes) -> None:
        with self._turn:
            self.sock.sendall(raw)

    def close(self) -> None:
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


Handler = Callable[[Link, int, bytes], None]


class Smsc:
    """`on[command]` handles a PDU; `received`: (command, status, sequence, body, time)."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.received: list[tuple[int, int, int, bytes, float]] = []
        self.links: list[Link] = []
        self.count = 0
        self.on: dict[int, Handler] = {
            BIND_RX: self.accept,
            BIND_TX: self.accept,
            BIND_TRX: self.accept,
            SUBMIT: self.take,
            UNBIND: lambda link, sequence, _: link.send(pdu(UNBIND | RESPONSE, sequence)),
            ENQUIRE: lambda link, sequence, _: link.send(pdu(ENQUIRE | RESPONSE, sequence)),
        }
        self._bind_command = BIND_TRX
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def accept(self, link: Link, sequence: int, _: bytes, status: int = 0) -> None:
        link.send(pdu(BIND_TRX | RESPONSE, sequence, b"smsc\0" if not status else b"", status))

    def take(self, link: Link, sequence: int, _: bytes) -> None:
        self.count += 1
        link.send(pdu(SUBMIT | RESPONSE, sequence, b"%X\0" % self.count))

    def of(self, command: int) -> list[tuple[int, int, bytes]]:
        """Status, sequence and body of each PDU of this command that came."""
        return [(each[1], each[2], each[3]) for each in list(self.received) if each[0] == command]

    @property
    def texts(self) -> list[bytes]:
        """Texts of the submits that came."""
        return [short_message(body) for _, _, body in self.of(SUBMIT)]

    def stop(self) -> None:
        self._listener.close()
        for link in self.links:
            link.sock.close()

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            link = Link(sock)
            self.links.append(link)
            stream = sock.makefile("rb")
            while len(head := stream.read(16)) == 16:
                length, command, status, sequence = HEADER.unpack(head)
                body = stream.read(length - 16)
                self.received.append((command, status, sequence, body, time.monotonic()))
                if command in self.on:
                    self.on[command](link, sequence, body)
        except (OSError, ValueError):
            pass
        finally:
            sock.close()


def short_message(body: bytes) -> bytes:
    """short_message in the body of a submit_sm."""
    at = body.index(b"\0") + 3
    at = body.index(b"\0", at) + 3
    at = body.index(b"\0", at) + 4
    at = body.index(b"\0", at) + 1
    at = body.index(b"\0", at) + 6
    return body[at : at + body[at - 1]]
