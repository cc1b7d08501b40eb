"""The guard process: parent of the servers. They end when it ends; it ends when its parent does.

It is run by path (`python guard.py ROOT FD PARENT`), so that it loads nothing of the project. Its
protocol on the socket FD is one JSON object a line, with one answer a line:

- `{"do": "spawn", "argv", "env", "cwd", "log", "user", "stop", "death"}` → `{"pid"}`
- `{"do": "adopt", "pid", "stop"}` → `{}`; an orphan of a child becomes one of its servers
- `{"do": "status", "pid"}` → `{"status"}`: None while it runs, else its exit status (-signal)
- `{"do": "signal", "pid", "signal"}` → `{}`; SIGKILL goes to its whole process group
- `{"do": "remove", "path"}` → `{}`; that file or folder is removed when everything has stopped
- a request that fails → `{"error": text}`

When the socket closes, SIGTERM comes, or the parent process changes (it was killed while a fork of
it still holds the socket), each server gets its `stop` signal and five seconds later SIGKILL. When
the guard itself is killed, the kernel sends each server its `death` signal (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import psutil

GRACE = 5.0  # seconds between the stop signal and SIGKILL
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True)


class Servers:
    """The children of the guard, by process id."""

    def __init__(self) -> None:
        self._guard = os.getpid()
        self._stop_signals: dict[int, int] = {}
        self._statuses: dict[int, int] = {}
        self._leftovers: list[str] = []

    def spawn(self, request: dict) -> dict:
        user = request["user"]
        credentials = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(request["log"], "ab", opener=_private) as log:
            child = subprocess.Popen(  # nosec B603  # no shell; asked by our own process
                request["argv"],
                env=request["env"],
                cwd=request["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # After setuid, which would clear it; safe here, the guard has a single thread.
                preexec_fn=lambda: self._die_with_the_guard(request["death"]),
                **credentials,
            )
        child.returncode = 0  # `reap` waits for it, not Popen
        self._statuses.pop(child.pid, None)
        self._stop_signals[child.pid] = request["stop"]
        return {"pid": child.pid}

    def _die_with_the_guard(self, death_signal: int) -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != self._guard:
            os._exit(1)

    def adopt(self, request: dict) -> dict:
        self._stop_signals[request["pid"]] = request["stop"]
        return {}

    def status(self, request: dict) -> dict:
        self.reap()
        return {"status": self._statuses.get(request["pid"])}

    def signal(self, request: dict) -> dict:
        self.reap()
        pid, number = request["pid"], request["signal"]
        if pid in self._stop_signals and pid not in self._statuses:
            (os.killpg if number == signal.SIGKILL else os.kill)(pid, number)
        return {}

    def remove(self, request: dict) -> dict:
        self._leftovers.append(request["path"])
        return {}

    def reap(self) -> None:
        """Collect the exit status of every child that has ended, also of the servers' orphans."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._statuses[ended[0]] = os.waitstatus_to_exitcode(ended[1])

    def stop(self) -> None:
        """Stop all servers, then remove the files that `remove` named."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for pid, number in reversed(self._stop_signals.items()):
            self.signal({"pid": pid, "signal": number})
        self._wait(GRACE)
        for pid in self._stop_signals:
            self.signal({"pid": pid, "signal": signal.SIGKILL})
        self._wait(GRACE)
        for path in self._leftovers:
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _wait(self, seconds: float) -> None:
        """Wait until no child is left; kill orphans that have outlived all servers."""
        deadline = time.monotonic() + seconds
        while (children := psutil.Process().children()) and time.monotonic() < deadline:
            if not self._stop_signals.keys() - self._statuses.keys():
                for orphan in children:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        orphan.kill()
            time.sleep(0.02)
            self.reap()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def serve(connection: socket.socket, parent: int, servers: Servers) -> None:
    """Answer requests until the socket closes or the parent is gone."""
    verbs = {
        "spawn": servers.spawn,
        "adopt": servers.adopt,
        "status": servers.status,
        "signal": servers.signal,
        "remove": servers.remove,
    }
    buffer = b""
    while os.getppid() == parent:
        if not select.select([connection], [], [], 0.5)[0]:
            servers.reap()
            continue
        data = connection.recv(65536)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            try:
                answer = verbs[request["do"]](request)
            except (OSError, subprocess.SubprocessError) as error:
                answer = {"error": str(error)}
            connection.sendall(json.dumps(answer).encode() + b"\n")


def main(descriptor: int, parent: int) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    servers = Servers()
    try:
        with socket.socket(fileno=descriptor) as connection:
            serve(connection, parent, servers)
    except ConnectionError:
        pass  # the parent was killed while it waited for an answer
    finally:
        servers.stop()


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[3]))
