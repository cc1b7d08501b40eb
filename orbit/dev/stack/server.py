"""The base class of all servers: start until ready, stop, kill, restart."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.processes import Guard, Process, poll


class Server:
    """One server on loopback. Subclasses implement `_spawn` and `_is_ready`.

    Its methods may be called from several threads; `lock` serializes them.
    """

    start_timeout = 60.0  # seconds until a start has failed
    stop_timeout = 10.0  # seconds until a stop becomes a kill

    def __init__(self, guard: Guard, name: str, *, folder: Path, log: Path) -> None:
        self.name = name
        self._guard = guard
        self._folder = folder
        self._log = log
        self._process: Process | None = None
        self.lock = threading.RLock()

    def _spawn(self) -> Process:
        raise NotImplementedError

    def _is_ready(self) -> bool:
        """Check once, without waiting; `start` calls it until it returns True."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """Process id, None when it is not running."""
        process = self._process
        return process.pid if process and process.is_running() else None

    def is_running(self) -> bool:
        return self.pid is not None

    def start(self, timeout: float | None = None) -> None:
        """Start it unless it runs; returns when it is ready. Raises StackError."""
        timeout = timeout or self.start_timeout
        with self.lock:
            if self.is_running():
                return
            process = self._process = self._spawn()
            ready = poll(
                lambda: process.status() is not None or self._is_ready(),
                timeout=timeout,
                interval=0.05,
            )
            status = process.status()
            if status is not None:
                raise StackError(f"{self.name} ended with status {status}: {self._last_words()}")
            if not ready:
                process.kill()
                raise StackError(f"{self.name} is not ready after {timeout:.0f} s: see {self._log}")

    def stop(self) -> None:
        """Stop it in order; returns when it is gone."""
        with self.lock:
            if self._process:
                self._process.stop(timeout=self.stop_timeout)

    def kill(self) -> None:
        """Send SIGKILL; returns when it is gone."""
        with self.lock:
            if self._process:
                self._process.kill()

    def restart(self) -> None:
        """Stop and start it, on the same port with the same data."""
        with self.lock:
            self.stop()
            self.start()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1]} ({self._log})" if lines else f"see {self._log.parent}"


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server accepts connections on host:port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
