"""Starts an unmodified jasmind with our own message path in it.

Run it by its path with the Python of Jasmin's environment. It takes jasmind's options and needs
neither RabbitMQ nor Redis. Django imports nothing of it.

- `--check` starts nothing. It says whether the installed versions are those that this code was
  written against, function by function (`fingerprints.py`), and how many connectors the limit of
  open files allows (`open_files.py`). With `--accept` it records the installed versions: for use
  after a developer has read the changed places.
- `--stock` starts Jasmin as it is, except for the folder lock. It needs RabbitMQ and Redis, and
  `--enable-dlr-lookup --enable-dlr-thrower`.

The way of a message: it comes in by the site (`lane/http_api/submits_resource.py`), by Jasmin's
HTTP API, or by its SMPP server (`components/smpp_server.py`). The last two reach the lane through
`components/connector_manager.py`. The `lane` stores it, sends it, and records the carrier's answer
and receipt in its log, which the site reads. For SMPP clients and plain `/send`, `dlr` passes
answers and receipts on.

`wiring` puts this together and `daemon` runs jasmind with it. Each of the `corrections` mends one
fault of Jasmin, and says where the fault is and what the cure is.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import import_paths  # noqa: F401 - first: it makes `reconciler` and our `messaging` importable

CORRECTIONS = (
    "stdout_logging",
    "hardening",
    "atomic_store",
    "listeners",
    "tcp_nodelay",
    "monotonic_clock",
    "connector_keys",
    "user_keys",
    "user_changes",
    "segmentation",
)
ACCEPT, CHECK, STOCK = "--accept", "--check", "--stock"
REFUSED = 78  # EX_CONFIG of sysexits.h: a restart would end in the same way
JASMIND = Path(sys.executable).with_name("jasmind.py")


def main() -> None:
    os.umask(0o077)  # its store holds passwords
    open_files = _module("open_files")
    open_files.raise_limit()
    if STOCK in sys.argv:
        _run_stock()
        return
    fingerprints = _module("fingerprints")
    if CHECK in sys.argv:
        if ACCEPT in sys.argv:
            fingerprints.accept(JASMIND)
        print("\n".join([*fingerprints.report(JASMIND), open_files.report()]))
        sys.exit(REFUSED if fingerprints.differing(JASMIND) else 0)
    _module("corrections.folder_lock").hold()
    for name in CORRECTIONS:
        _module(f"corrections.{name}").correct()  # before the first import of Jasmin
    daemon = _module("daemon")
    jasmind = daemon.load(JASMIND)
    if differing := fingerprints.differing(JASMIND):
        print(
            f"not started: this Jasmin is not the one that our code was read against"
            f" ({', '.join(differing)}); {CHECK} says more, {STOCK} runs it as it is",
            file=sys.stderr,
        )
        sys.exit(REFUSED)
    print(open_files.report(), file=sys.stderr, flush=True)
    _module("corrections.console_greeting").correct()
    daemon.run(jasmind, _module("wiring").Components().replacements)
    sys.exit(_module("exit_status").status())


def _run_stock() -> None:
    _module("corrections.folder_lock").correct()
    sys.argv = [str(JASMIND), *(option for option in sys.argv[1:] if option != STOCK)]
    runpy.run_path(str(JASMIND), run_name="__main__")


def _module(name: str) -> Any:
    return importlib.import_module(f"reconciler.launcher.{name}")


if __name__ == "__main__":
    main()
