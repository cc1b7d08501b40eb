"""What each process of a fleet takes while messages go through it: CPU of each message, memory."""

from __future__ import annotations

import contextlib

import psutil

from orbit.dev.stack import Stack
from tests.e2e.fleet.fleet import Fleet

MIB = 1 << 20


class Meter:
    """Counts from now on. `stack`: of the databases, but for a PostgreSQL that other tests share. A
    process that ends meanwhile is left out."""

    def __init__(self, fleet: Fleet, stack: Stack) -> None:
        owned = {"web": fleet.site.web.pid}
        owned |= {name: each.pid for name, each in fleet.processes.items()}
        owned |= {f"gateway {name}": each.pid for name, each in fleet.gateways.items()}
        servers = {"PostgreSQL": stack._postgres, "Redis": stack._redis}
        owned |= {name: each.pid for name, each in servers.items() if each}
        self._pids = {name: pid for name, pid in owned.items() if pid}
        self._before = {name: _cpu(pid) for name, pid in self._pids.items()}

    def show(self, messages: int) -> None:
        """A line a process, and the sum."""
        total = 0.0
        for name, pid in self._pids.items():
            seconds = _cpu(pid) - self._before[name]
            total += seconds
            print(
                f"{name:<16}{1000 * seconds / messages:7.3f} ms a message{_memory(pid):8.0f} MiB"
                f"{_files(pid):6} files"
            )
        print(f"{'all':<16}{1000 * total / messages:7.3f} ms a message, of {messages}")


def _tree(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def _cpu(pid: int) -> float:
    """Seconds; of PostgreSQL's sessions those that live."""
    found = 0.0
    for each in _tree(pid):
        with contextlib.suppress(psutil.Error):
            times = each.cpu_times()
            found += times.user + times.system
    return found


def _memory(pid: int) -> float:
    """MiB of the process and its children; what they share is counted once (PSS)."""
    found = 0.0
    for each in _tree(pid):
        with contextlib.suppress(psutil.Error):
            found += each.memory_full_info().pss
    return found / MIB


def _files(pid: int) -> int:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).num_fds()
    return 0
