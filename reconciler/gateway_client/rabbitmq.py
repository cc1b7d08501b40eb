"""Asks a RabbitMQ whether its stock Jasmin still consumes its queues.

After a restart of RabbitMQ a stock Jasmin reconnects but subscribes to nothing
(jasmin/queues/factory.py:176): HTTP takes messages, the lists say bound, and no message moves until
jasmind is restarted.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import amqp

# What a jasmind with --enable-dlr-lookup and --enable-dlr-thrower always consumes.
QUEUES = (
    "RouterPB_deliver_sm_all",
    "RouterPB_bill_request_submit_sm_resp_all",
    "DLRLookup-main",
    "dlr_thrower",
)


def connect(amqp_url: str, *, timeout: float = 3.0) -> amqp.Connection:
    """Open a connection to `amqp://user:password@host:port/vhost`; close it, or use `with`.

    Raises OSError (unreachable, silent for `timeout` seconds) or amqp.AMQPError (refused).
    """
    address = urlsplit(amqp_url)
    connection = amqp.Connection(
        host=address_of(amqp_url),
        userid=unquote(address.username or ""),
        password=unquote(address.password or ""),
        virtual_host=unquote(address.path[1:]) or "/",
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
    )
    connection.connect()
    return connection


class BrokerAway(Exception):
    """The broker can't be asked: unreachable, silent, or it refuses us. `str()` says why, with its
    address and no secret."""


def ask_consumers(amqp_url: str, *, timeout: float = 3.0) -> int:
    """Return the consumers of the queue with the fewest, among those that every gateway consumes.

    0: the broker is up and the gateway is a zombie, or down. Raises BrokerAway.
    """
    try:
        with connect(amqp_url, timeout=timeout) as connection:
            channel = connection.channel()
            return min(
                channel.queue_declare(queue, passive=True).consumer_count for queue in QUEUES
            )
    except amqp.NotFound:
        return 0
    except (OSError, amqp.AMQPError) as error:
        raise BrokerAway(f"RabbitMQ {address_of(amqp_url)}: {_reason(error)}") from error


def consumers(amqp_url: str, *, timeout: float = 3.0) -> int | None:
    """`ask_consumers`; None if the broker can't be asked."""
    try:
        return ask_consumers(amqp_url, timeout=timeout)
    except BrokerAway:
        return None


def address_of(amqp_url: str) -> str:
    """Return `HOST:PORT`, without the password."""
    address = urlsplit(amqp_url)
    return f"{address.hostname}:{address.port or 5672}"


def _reason(error: OSError | amqp.AMQPError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    # RabbitMQ's own words hold the user's name after a login, and are not known of a handshake.
    refusals = (amqp.AccessRefused, amqp.NotAllowed)
    return "it refuses our user" if isinstance(error, refusals) else type(error).__name__
