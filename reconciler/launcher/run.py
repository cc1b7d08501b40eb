"""Starts an unmodified jasmind whose wire, queue and reports are ours.

Run by path with the Python of Jasmin's own environment; it has jasmind's own options, and needs
neither RabbitMQ nor Redis. Nothing here is imported by Django.

- `--check` starts nothing: it says whether the installed versions are those that our code was read
  against, function by function (fingerprints.py), and how many connectors fit (limits.py); with
  `--accept` it notes down those versions, for whoever has read them again.
- `--stock` starts Jasmin as it is, but for the lock: two Jasmins in one folder would be nobody's
  wish. That one needs RabbitMQ and Redis, and `--enable-dlr-lookup --enable-dlr-thrower`.

The way of a message: Jasmin's HTTP API, SMPP server (`access`) or the site's door (`lane.door`) →
`connectors` (`submits` makes it one of ours) → `lane` (journal, queue, wire) → its answers and
receipts into its log, for the site, and into `reports` (`outbox`, `couriers`), for platforms.
`gateway` puts this together, `daemon` runs jasmind with it. The other modules each correct one
thing in Jasmin: they say what is wrong, where, and what the cure is.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from pathlib import Path

import project  # noqa: F401 - first of all: from here on our modules have their full names

CORRECTIONS = (
    "corrections.stdout_logging",
    "corrections.hardening",
    "corrections.atomic_store",
    "corrections.listeners",
    "corrections.tcp_nodelay",
    "corrections.monotonic_clock",
    "corrections.connector_keys",
    "corrections.segmentation",
)
ACCEPT, CHECK, STOCK = "--accept", "--check", "--stock"
REFUSED = 78  # EX_CONFIG of sysexits.h: another start would end in the same way
JASMIND = Path(sys.executable).with_name("jasmind.py")


def main() -> None:
    os.umask(0o077)  # its store holds passwords
    limits = _module("open_files")
    limits.raise_limit()
    if STOCK in sys.argv:
        _run_stock()
        return
    fingerprints = _module("fingerprints")
    if CHECK in sys.argv:
        if ACCEPT in sys.argv:
            fingerprints.accept(JASMIND)
        print("\n".join([*fingerprints.report(JASMIND), limits.report()]))
        sys.exit(REFUSED if fingerprints.differing(JASMIND) else 0)
    _module("corrections.folder_lock").hold()
    for name in CORRECTIONS:
        _module(name).correct()  # none of Jasmin is loaded before it is known
    daemon = _module("daemon")
    jasmind = daemon.load(JASMIND)
    if differing := fingerprints.differing(JASMIND):
        print(
            f"not started: this Jasmin is not the one that our code was read against"
            f" ({', '.join(differing)}); {CHECK} says more, {STOCK} runs it as it is",
            file=sys.stderr,
        )
        sys.exit(REFUSED)
    _module("corrections.console_greeting").correct()
    daemon.run(jasmind, _module("wiring").Gateway().parts)
    sys.exit(_module("exit_status").status())


def _run_stock() -> None:
    _module("corrections.folder_lock").correct()
    sys.argv = [str(JASMIND), *(option for option in sys.argv[1:] if option != STOCK)]
    runpy.run_path(str(JASMIND), run_name="__main__")


def _module(name: str) -> object:
    return importlib.import_module(f"reconciler.launcher.{name}")


if __name__ == "__main__":
    main()
