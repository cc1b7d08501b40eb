"""What the suite's own servers let in, and keep to themselves."""

from __future__ import annotations

import os

import psutil
import psycopg
import pytest
import redis

from orbit.dev.stack import Jasmin, Stack
from reconciler.gateway_client.rabbitmq import consumers

pytestmark = pytest.mark.stack


def test_every_server_listens_on_loopback_only(stack: Stack, jasmin: Jasmin) -> None:
    guard = psutil.Process(stack._guard.pid)
    listeners = [
        connection.laddr.ip
        for process in guard.children(recursive=True)
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    # Redis, six of Jasmin; PostgreSQL, unless another worker has it.
    assert len(listeners) >= 7
    assert set(listeners) <= {"127.0.0.1", "::1"}


def test_no_secret_is_in_the_arguments_of_a_process(stack: Stack, jasmin: Jasmin) -> None:
    secrets = (stack.root / "passwords.json").read_text().split('"')[3::4]
    guard = psutil.Process(stack._guard.pid)
    arguments = [" ".join(each.cmdline()) for each in [guard, *guard.children(recursive=True)]]
    assert len(secrets) >= 7
    assert not [line for line in arguments for secret in secrets if secret in line]


def test_what_holds_secrets_is_private(stack: Stack, jasmin: Jasmin) -> None:
    allowed = {stack.root: 0o711, stack.root / "guard.log": 0o600, stack.root / "lock": 0o600}
    for path in [stack.root, *stack.root.iterdir()]:
        expected = allowed.get(path, 0o700 if path.is_dir() else 0o600)
        assert path.stat().st_mode & 0o777 & ~expected == 0, path
    assert jasmin.store.stat().st_mode & 0o777 == 0o700


def test_postgres_wants_the_password(stack: Stack) -> None:
    user, rest = os.environ["DATABASE_URL"].removeprefix("postgres://").split("@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgres://{user.split(':')[0]}:wrong@{rest}")


def test_redis_wants_the_password(stack: Stack) -> None:
    with (
        redis.Redis.from_url("redis://" + stack.redis_url.split("@")[1]) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_a_stock_jasmins_servers_want_passwords(stock_jasmin: Jasmin) -> None:
    address = f"{stock_jasmin.rabbitmq.host}:{stock_jasmin.rabbitmq.port}"
    assert consumers(f"amqp://guest:guest@{address}/main") is None
    assert consumers(stock_jasmin.amqp_url) == 1
    with (
        redis.Redis.from_url("redis://" + stock_jasmin.redis.url.split("@")[1]) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
