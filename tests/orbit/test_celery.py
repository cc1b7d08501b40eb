"""The worker's connection to its broker, over a Redis that dies."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

import pytest
from kombu import Consumer, Queue

from orbit.celery import BrokerConnection
from orbit.dev.stack import Stack
from orbit.dev.stack.files import PATH
from orbit.dev.stack.processes import Process, poll
from orbit.dev.stack.server import listens

pytestmark = pytest.mark.stack

QUEUE = Queue("held-by-a-worker", no_declare=True)


@pytest.fixture
def broker(stack: Stack) -> Iterator[tuple[Process, int]]:
    """A Redis of the test's own, and its port."""
    port = stack.reserve_port()
    program = shutil.which("redis-server", path=PATH)
    arguments = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = stack.spawn("broker", arguments, env={"PATH": PATH})
    assert poll(lambda: listens(port), timeout=30)
    yield process, port
    if process.is_running():
        process.kill()


def test_a_connection_that_is_lost_with_tasks_in_hand_can_be_closed(
    broker: tuple[Process, int],
) -> None:
    redis, port = broker
    connection = BrokerConnection(f"redis://127.0.0.1:{port}/0")
    channel = connection.default_channel
    task = channel.prepare_message("for later")
    channel.basic_publish(task, exchange="", routing_key=QUEUE.name)
    # A worker has a second channel, for its control commands.
    other = Consumer(connection.channel(), Queue("control"), on_message=print)
    other.consume()
    held: list[object] = []
    consumer = Consumer(channel, QUEUE, on_message=held.append, auto_declare=False)
    consumer.consume()
    connection.drain_events(timeout=10)
    assert held, "the consumer was given nothing"
    with pytest.raises(TimeoutError):  # both wait for the next
        connection.drain_events(timeout=0.1)

    redis.kill()
    # What Celery's consumer does when a connection breaks (worker/consumer/consumer.py).
    with contextlib.suppress(Exception):
        connection.collect()
    connection.close()
