"""The lock of a gateway: one holder over all processes, and it dies with its holder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection, connections

from reconciler import lock
from tests.reconciler.programs import heard, program

HOLDER = """
import time
from reconciler import lock
take = {"held": lock.held, "file": lambda name: lock._file(name, time.monotonic())}[sys.argv[1]]
with take("the-name") as taken:
    print(taken, flush=True)
    sys.stdin.readline()
print("released", flush=True)
sys.stdin.readline()
"""

Take = Callable[..., AbstractContextManager[bool]]


@contextmanager
def by_file(name: str, *, wait: float = 0.0) -> Iterator[bool]:
    with lock._file(name, lock.time.monotonic() + wait) as taken:
        yield taken


TAKES: dict[str, Take] = {"held": lock.held, "file": by_file}  # SQLite uses files, always
kinds = pytest.mark.parametrize("kind", TAKES)
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@kinds
def test_a_free_lock_is_taken_and_given_back(kind: str):
    for _ in range(2):
        with TAKES[kind]("the-name") as taken:
            assert taken is True


def test_another_name_is_another_lock():
    with program(HOLDER, "held") as other:
        assert heard(other) == "True"
        with lock.held("another-name") as taken:
            assert taken is True


@kinds
def test_what_another_process_holds_is_not_taken(kind: str):
    take = TAKES[kind]
    with program(HOLDER, kind) as other:
        assert heard(other) == "True"

        with take("the-name") as taken:
            assert taken is False
        with take("the-name", wait=0.1) as taken:
            assert taken is False


def test_what_another_process_gives_back_is_waited_for():
    with program(HOLDER, "held") as other:
        assert heard(other) == "True"
        threading.Timer(0.1, lambda: print(file=other.stdin, flush=True)).start()

        with lock.held("the-name", wait=30) as taken:
            assert taken is True
        assert heard(other) == "released"


@kinds
def test_a_holder_that_is_killed_holds_nothing(kind: str):
    take = TAKES[kind]
    with program(HOLDER, kind) as other:
        assert heard(other) == "True"
        other.kill()

        with take("the-name", wait=30) as taken:
            assert taken is True


def test_another_process_does_not_get_what_we_hold():
    with lock.held("the-name") as taken, program(HOLDER, "held") as other:
        assert taken is True
        assert heard(other) == "False"


def test_an_error_under_the_lock_frees_it():
    with pytest.raises(ZeroDivisionError), lock.held("the-name"):
        raise ZeroDivisionError

    with program(HOLDER, "held") as other:
        assert heard(other) == "True"


def test_two_threads_do_not_hold_it_together():
    found = []

    def other() -> None:
        try:
            with lock.held("the-name") as taken:
                found.append(taken)
        finally:
            connections.close_all()

    with lock.held("the-name"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    assert found == [False]


@pytest.mark.stack
def test_a_holder_that_lost_its_connection_has_lost_the_lock(transactional_db):
    with lock.held("the-name") as taken:
        assert taken is True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with program(TERMINATE, str(pid)) as other:
            assert heard(other) == "True"

        with program(HOLDER, "held") as other:
            assert heard(other) == "True"
    connection.close()


TERMINATE = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_terminate_backend(%s)", [int(sys.argv[1])])
    print(cursor.fetchone()[0], flush=True)
"""
