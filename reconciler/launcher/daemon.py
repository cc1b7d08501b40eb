"""jasmind as it is installed, with our parts in the places of some of its own.

Jasmin's user store, routes, console, HTTP API and SMPP server are its own code. What lies between
them and the carriers is ours, so that neither RabbitMQ nor Redis is needed, nor the look-up and
the throwers of reports that live on them: those are not started, and where Jasmin waits for its
broker there is one that is always ready and does nothing.
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.internet import defer, reactor

# What jasmind would start for its queues.
WITHOUT = ("disable-deliver-thrower",)
NEVER = ("enable-dlr-lookup", "enable-dlr-thrower")


class NoBroker:
    """Stands in for `AmqpFactory`, as far as Jasmin asks: is it there, and since when."""

    connected = True

    def __init__(self, _config: Any) -> None:
        self.channelReady = defer.succeed(None)  # noqa: N815 - as Jasmin calls it

    def getChannelReadyDeferred(self) -> defer.Deferred:  # noqa: N802 - as Jasmin calls it
        return self.channelReady


def load(path: Path) -> ModuleType:
    """jasmind as a module; nothing in it runs."""
    spec = importlib.util.spec_from_file_location("jasmind", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(jasmind: ModuleType, parts: dict[str, Any]) -> None:
    """Start it with `parts`, by the names that jasmind has for its own, and serve until it ends."""
    for name, part in {"AmqpFactory": NoBroker, **parts}.items():
        if not hasattr(jasmind, name):
            raise LookupError(f"jasmind has no {name}")
        setattr(jasmind, name, part)
    options = jasmind.Options()
    options.parseOptions(sys.argv[1:])
    for name in WITHOUT:
        options[name] = True
    for name in NEVER:
        options[name] = False
    daemon = _with_nothing_to_connect(jasmind.JasminDaemon)(options)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: reactor.callFromThread(daemon.stop))
    daemon.start()
    reactor.run(installSignalHandlers=False)


def _with_nothing_to_connect(stock: Any) -> Any:
    class Daemon(stock):
        def startRedisClient(self) -> None:  # noqa: N802 - as Jasmin calls it
            self.components["rc"] = None

        def stopRedisClient(self) -> None:  # noqa: N802
            """There is none."""

        def startAMQPBrokerService(self) -> None:  # noqa: N802
            self.components["amqp-broker-factory"] = NoBroker(None)

    return Daemon
