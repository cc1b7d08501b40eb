"""A file and syslog, to which audit rows are written, too."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
from typing import Protocol

from django.conf import settings


class Sink(Protocol):
    def write(self, lines: Sequence[str]) -> None:
        """Write the lines, or raise OSError; some may have been written then."""


class File:
    """Opened for each write, so that it may be rotated at any time; on disk after `write`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, lines: Sequence[str]) -> None:
        cut = self._ends_in_a_line()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            left = ("\n" * cut + "".join(f"{line}\n" for line in lines)).encode()
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)

    def _ends_in_a_line(self) -> bool:
        """Whether a full disk or a kill has cut its last line, which must not spoil the next."""
        if not os.path.isfile(self._path):
            return False
        try:
            with open(self._path, "rb") as file:
                file.seek(-1, os.SEEK_END)
                return file.read(1) != b"\n"
        except OSError:  # it is empty, or not for us to read
            return False


class Syslog:
    """One message a line, with the facility `auth`, to a socket's path or to HOST:PORT by UDP."""

    def __init__(self, address: str) -> None:
        self._address = address if address.startswith("/") else _host_and_port(address)

    def write(self, lines: Sequence[str]) -> None:
        handler = _Raising(self._address, facility=SysLogHandler.LOG_AUTH)
        try:
            for line in lines:
                handler.emit(logging.makeLogRecord({"msg": line, "levelname": "INFO"}))
        finally:
            handler.close()


class _Raising(SysLogHandler):
    ident = "orbit-audit: "
    append_nul = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Called inside `except`: what is not taken is sent again later."""
        raise  # noqa: PLE0704


def configured() -> list[Sink]:
    """The sinks that the settings name."""
    found: list[Sink] = []
    if settings.AUDIT_STREAM_FILE:
        found.append(File(settings.AUDIT_STREAM_FILE))
    if settings.AUDIT_STREAM_SYSLOG:
        found.append(Syslog(settings.AUDIT_STREAM_SYSLOG))
    return found


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, SYSLOG_UDP_PORT
    return host.strip("[]"), int(port)
