"""Runs the installed jasmind with some of its components replaced by ours.

Jasmin's user store, routes, console, HTTP API and SMPP server are its own code. Everything between
them and the carriers is ours. RabbitMQ and Redis are not needed, nor Jasmin's DLR look-up and
throwers, which are not started. Where Jasmin waits for its broker, a stand-in is always ready.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.internet import defer, reactor

# Options of jasmind that turn off what needs its queues.
SET_OPTIONS = ("disable-deliver-thrower",)
CLEARED_OPTIONS = ("enable-dlr-lookup", "enable-dlr-thrower")


class NoBroker:
    """Stands in for `AmqpFactory`: connected and ready, which is all that Jasmin asks."""

    connected = True

    def __init__(self, _config: Any) -> None:
        self.channelReady = defer.succeed(None)  # noqa: N815 - as Jasmin calls it

    def getChannelReadyDeferred(self) -> defer.Deferred:  # noqa: N802 - as Jasmin calls it
        return self.channelReady


def load(path: Path) -> ModuleType:
    """jasmind as a module; its main function does not run."""
    spec = importlib.util.spec_from_file_location("jasmind", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no program of Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(jasmind: ModuleType, replacements: dict[str, Any]) -> None:
    """Start jasmind with `replacements` (by jasmind's names) and serve until it ends."""
    for name, replacement in {"AmqpFactory": NoBroker, **replacements}.items():
        if not hasattr(jasmind, name):
            raise LookupError(f"jasmind has no {name}")
        setattr(jasmind, name, replacement)
    options = jasmind.Options()
    options.parseOptions(sys.argv[1:])
    for name in SET_OPTIONS:
        options[name] = True
    for name in CLEARED_OPTIONS:
        options[name] = False
    daemon = _without_servers(jasmind.JasminDaemon)(options)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: reactor.callFromThread(daemon.stop))
    daemon.start()
    reactor.run(installSignalHandlers=False)


def _without_servers(stock: Any) -> Any:
    class Daemon(stock):
        def startRedisClient(self) -> None:  # noqa: N802 - as Jasmin calls it
            self.components["rc"] = None

        def stopRedisClient(self) -> None:  # noqa: N802
            """There is none."""

        def startAMQPBrokerService(self) -> None:  # noqa: N802
            self.components["amqp-broker-factory"] = NoBroker(None)

    return Daemon
