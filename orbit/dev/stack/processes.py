"""The client of a guard process (guard.py), and handles on the processes that it started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from orbit.dev.stack.errors import StackError

GUARD = Path(__file__).with_name("guard.py")


class Guard:
    """Starts a guard process and sends it requests; safe to use from several threads.

    `keep_open` is a file descriptor that the guard keeps open until everything has stopped.
    """

    def __init__(self, root: Path, *, keep_open: int) -> None:
        ours, its = socket.socketpair()
        with its, open(root / "guard.log", "ab", opener=_private) as log:
            self._process = subprocess.Popen(  # nosec B603  # no shell; a program of ours
                [sys.executable, str(GUARD), str(root), str(its.fileno()), str(os.getpid())],
                pass_fds=[its.fileno(), keep_open],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C of the terminal is for the parent
            )
        self._socket = ours
        self._answers = ours.makefile("rb")
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, **request: object) -> dict:
        """Send a request of guard.py's protocol; returns its answer. Raises StackError."""
        with self._lock:
            try:
                self._socket.sendall(json.dumps(request).encode() + b"\n")
                line = self._answers.readline()
            except (OSError, ValueError) as error:
                raise StackError("the stack has been stopped") from error
        if not line:
            raise StackError("the stack's guard process is gone, and its servers with it")
        answer = json.loads(line)
        if "error" in answer:
            raise StackError(f"{request.get('argv', ['stack'])[0]}: {answer['error']}")
        return answer

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        user: str | None = None,
        stop: signal.Signals = signal.SIGTERM,
        death: signal.Signals = signal.SIGKILL,
    ) -> Process:
        """Starts a program in a session of its own with nothing but `env` as its environment.

        `stop` ends it in an orderly way, `death` is what the kernel sends it with the guard's end.
        """
        answer = self.ask(
            do="spawn",
            argv=[str(part) for part in argv],
            env=dict(env),
            cwd=str(cwd),
            log=str(log),
            user=user,
            stop=stop,
            death=death,
        )
        return Process(self, answer["pid"], stop=stop)

    def remove_at_end(self, path: Path) -> None:
        self.ask(do="remove", path=str(path))

    def stop(self) -> None:
        """Ends every process of this guard, and the guard. Returns when they are gone."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        with self._lock:
            self._answers.close()
            self._socket.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Process:
    """A process that the guard started."""

    def __init__(self, guard: Guard, pid: int, *, stop: signal.Signals) -> None:
        self._guard = guard
        self.pid = pid
        self._stop = stop

    def status(self) -> int | None:
        """None while it runs, else its exit status, negative for a signal."""
        return self._guard.ask(do="status", pid=self.pid)["status"]

    def is_running(self) -> bool:
        """Whether it runs; False also when its guard is gone, since it has ended with that."""
        try:
            return self.status() is None
        except StackError:
            return False

    def stop(self, *, timeout: float) -> None:
        """Send its stop signal, and SIGKILL after `timeout` seconds. Raises StackError."""
        self._guard.ask(do="signal", pid=self.pid, signal=self._stop)
        if not poll(lambda: self.status() is not None, timeout=timeout):
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL; returns when it is gone. Raises StackError."""
        self._guard.ask(do="signal", pid=self.pid, signal=signal.SIGKILL)
        if not poll(lambda: self.status() is not None, timeout=10):
            raise StackError(f"process {self.pid} outlives SIGKILL")


def poll(condition: Callable[[], bool], *, timeout: float, interval: float = 0.02) -> bool:
    """Wait for `condition`; returns whether it came true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True
