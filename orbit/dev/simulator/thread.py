"""Run the simulator in a thread, for tests and scripts that block."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from orbit.dev.simulator import delivery_queue
from orbit.dev.simulator.certificate import self_signed
from orbit.dev.simulator.control_server import ControlServer
from orbit.dev.simulator.deliveries import Receipt, Text, text_fields
from orbit.dev.simulator.event_log import EventLog
from orbit.dev.simulator.faults import Fault
from orbit.dev.simulator.server import Simulator
from orbit.dev.simulator.submits import Submit
from orbit.dev.simulator.systems import System

T = TypeVar("T")


class SimulatorThread:
    """A carrier on loopback: `with SimulatorThread() as smsc: smsc.add_system("acme", "secret")`.

    `stop` and `start`: the carrier dies and returns on the same ports; `close` ends the thread.
    `log_lines` collects the lines of the event log (JSON texts); `keep_log=False` keeps none, which
    is twice as fast. `certificate` is the PEM of the TLS port. `free_port` says where to listen; 0
    is any port of the kernel's.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        tls: bool = True,
        enquire_link: float = 0,
        keep_log: bool = True,
        free_port: Callable[[], int] = lambda: 0,
    ) -> None:
        self.host = host
        self.log_lines: list[str] = []
        event_log = EventLog(self.log_lines.append if keep_log else None)
        self._simulator = Simulator(event_log=event_log, enquire_link=enquire_link)
        self._plain = self._simulator.add_listener(host, free_port())
        self._tls = None
        self.certificate = ""
        if tls:
            context, self.certificate = self_signed(host)
            self._tls = self._simulator.add_listener(host, free_port(), context=context)
        self._control: ControlServer | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smsc-simulator", daemon=True)
        self._thread.start()
        self.start()

    @property
    def port(self) -> int:
        return self._plain.port

    @property
    def tls_port(self) -> int:
        if self._tls is None:
            raise ValueError("made with tls=False")
        return self._tls.port

    @property
    def connections(self) -> int:
        """TCP connections taken so far, bound or not."""
        return self._simulator.connections

    @property
    def unknown_binds(self) -> dict[str, int]:
        """Bind attempts by a system_id that does not exist here."""
        return dict(self._simulator.unknown_binds)

    @property
    def errors(self) -> list[BaseException]:
        """Bugs of the simulator itself. A test proves nothing unless this is empty."""
        return self._simulator.errors

    def add_system(
        self, system_id: str, password: str, faults: Iterable[str | Fault] = ()
    ) -> System:
        """A new account, in place of the one of that name if there is one. Raises FaultError."""
        return self._call(_as_coroutine(self._simulator.add_system, system_id, password, faults))

    def remove_system(self, system_id: str) -> None:
        self._call(_as_coroutine(self._simulator.remove_system, system_id))

    def system(self, system_id: str) -> System:
        """Raises KeyError."""
        return self._simulator.systems[system_id]

    def drop_binds(self, system_id: str) -> None:
        """Cut the connections of one system; it may bind again at once."""
        self._call(_as_coroutine(self.system(system_id).drop_binds))

    def report(self, system_id: str, submit: Submit, state: str) -> None:
        """Send this account a receipt with `state` (`DELIVRD`, …) for `submit`, which may belong to
        another account: carriers make mistakes."""
        receipt = Receipt(submit, submit.pdu, state, time.time())
        self._call(_as_coroutine(delivery_queue.post, self.system(system_id), receipt))

    def deliver(self, system_id: str, **fields: Any) -> None:
        """Send this account an inbound text: fields of deliver_sm, texts as str or bytes."""
        text = Text(text_fields(**fields))
        self._call(_as_coroutine(delivery_queue.post, self.system(system_id), text))

    def start(self) -> None:
        """Open the ports (again)."""
        self._call(self._simulator.start())

    def stop(self) -> None:
        """Close the ports and cut the connections. Accounts, counts and waiting receipts stay."""
        self._call(self._simulator.stop())

    def open_control(self) -> int:
        """Open the HTTP control port on loopback; returns its number."""
        if self._control is None:
            self._control = ControlServer(self._simulator, self._loop)
        return self._control.port

    def close(self) -> None:
        """End the thread."""
        if self._loop.is_closed():
            return
        if self._control:
            self._control.close()
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def wait_for(self, condition: Callable[[], T], timeout: float = 10) -> T:
        """What `condition` returns once that is true. Raises TimeoutError with all counts."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise TimeoutError(f"not so within {timeout:g} s: {self._simulator.counts()}")
            time.sleep(0.01)

    def __enter__(self) -> SimulatorThread:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(_wind_up())
        finally:
            self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


async def _as_coroutine(call: Callable[..., T], *args: Any) -> T:
    return call(*args)


async def _wind_up() -> None:
    """Cancel what is half open: TLS handshakes, connections that came while the ports closed."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for _ in range(3):  # transports close in the turns of the loop after that
        await asyncio.sleep(0)
