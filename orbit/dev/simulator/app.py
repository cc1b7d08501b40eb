"""Run a simulator as a process: ports, event log, control port, and a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from orbit.dev.simulator.certificate import self_signed, server_context
from orbit.dev.simulator.config import SANDBOX_ID, SANDBOX_PASSWORD, SystemSpec
from orbit.dev.simulator.control_server import ControlServer
from orbit.dev.simulator.event_log import EventLog
from orbit.dev.simulator.server import Simulator

PARENT_POLL_SECONDS = 0.5
NO_LOG = "none"


class StartError(Exception):
    """A port or a file can't be opened. The message says which, and what to do."""


@dataclass(frozen=True)
class Options:
    """The command line's options. A port of 0 means any free one; `control` None means no control
    port; the simulator ends when the process `parent` does."""

    host: str
    ports: tuple[int, ...]
    tls_ports: tuple[int, ...]
    systems: tuple[SystemSpec, ...]
    certificate: str | None = None
    key: str | None = None
    log: str = "-"
    control: int | None = None
    enquire_link: float = 0
    parent: int | None = None


async def run(options: Options) -> None:
    """Serve until SIGINT, SIGTERM or the end of `options.parent`. Raises StartError."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    log = _open_log(options.log)
    simulator = Simulator(
        event_log=EventLog(_line_writer(log, stopped.set) if log else None),
        enquire_link=options.enquire_link,
    )
    for spec in options.systems:
        simulator.add_system(spec.system_id, spec.password, spec.faults)
    control: ControlServer | None = None
    watcher = asyncio.create_task(_watch(options.parent, stopped)) if options.parent else None
    try:
        await _open_ports(simulator, options)
        control = _open_control(simulator, loop, options.control)
        _announce(simulator, options, control)
        await stopped.wait()
    finally:
        if watcher:
            watcher.cancel()
        if control:
            await asyncio.to_thread(control.close)
        await simulator.stop()
        if log and log is not sys.stdout:
            log.close()


async def _open_ports(simulator: Simulator, options: Options) -> None:
    for port in options.ports:
        simulator.add_listener(options.host, port)
    if options.tls_ports:
        context = _tls(options)
        for port in options.tls_ports:
            simulator.add_listener(options.host, port, context=context)
    for listener in simulator.listeners:
        try:
            await simulator.up(listener)
        except OSError as error:
            raise StartError(
                f"cannot listen on {listener.host}:{listener.port} ({error.strerror}); "
                "port 0 picks a free one"
            ) from None


def _open_control(
    simulator: Simulator, loop: asyncio.AbstractEventLoop, port: int | None
) -> ControlServer | None:
    if port is None:
        return None
    try:
        return ControlServer(simulator, loop, port=port)
    except OSError as error:
        raise StartError(f"cannot listen on 127.0.0.1:{port} ({error.strerror})") from None


def _tls(options: Options) -> ssl.SSLContext:
    if not options.certificate:
        return self_signed(options.host)[0]
    try:
        return server_context(options.certificate, options.key or options.certificate)
    except (OSError, ssl.SSLError) as error:
        raise StartError(f"certificate or key cannot be used: {error}") from None


def _open_log(path: str) -> TextIO | None:
    if path == NO_LOG:
        return None
    if path == "-":
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        return sys.stdout
    try:
        # It holds message texts and numbers: readable by its owner alone.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise StartError(f"cannot write {path} ({error.strerror})") from None
    return os.fdopen(handle, "a", buffering=1, encoding="utf-8")


def _line_writer(log: TextIO, stop: Callable[[], None]) -> Callable[[str], object]:
    """A function that writes lines; it calls `stop` when writing fails (closed pipe, full disk)."""

    def write(line: str) -> None:
        try:
            log.write(line)
        except (OSError, ValueError):
            stop()

    return write


async def _watch(parent: int, stopped: asyncio.Event) -> None:
    """Set `stopped` when the parent is gone. By polling: PR_SET_PDEATHSIG fires when the parent's
    *thread* ends, which is too early."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_POLL_SECONDS)
    stopped.set()


def _announce(simulator: Simulator, options: Options, control: ControlServer | None) -> None:
    """Print where it listens: one JSON line on stdout for programs, some on stderr for people."""
    stdout = EventLog(lambda line: print(line, end="", flush=True))
    ports = [listener.described() for listener in simulator.listeners]
    stdout.event("ready", ports=ports, control=control.port if control else None, pid=os.getpid())
    lines = ["SMSC simulator, SMPP 3.4. Ctrl-C ends it.", "", f"  host       {options.host}"]
    for port in ports:
        lines.append(f"  port       {port['port']}{' (TLS)' if port['tls'] else ''}")
    for spec in options.systems:
        lines += ["", f"  system_id  {spec.system_id}"]
        if (spec.system_id, spec.password) == (SANDBOX_ID, SANDBOX_PASSWORD):
            lines.append(f"  password   {SANDBOX_PASSWORD}")
        if spec.faults:
            lines.append(f"  faults     {', '.join(spec.faults)}")
    if control:
        lines += ["", f"  control    http://127.0.0.1:{control.port}/  (GET it)"]
    print("\n".join(lines) + "\n", file=sys.stderr, flush=True)
