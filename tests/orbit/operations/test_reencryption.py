"""`manage.py rotate_fernet_keys`, on answers that were kept for idempotency."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from fernet_fields import hkdf

from orbit.api.models import IdempotentRequest
from orbit.operations import reencryption
from orbit.operations.reencryption import columns, reencrypt

OLD, NEW, LOST = ("o" * 32, "n" * 32, "l" * 32)
COLUMN = IdempotentRequest._meta.get_field("answer")
TABLE = IdempotentRequest._meta.db_table

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def keys(settings) -> Callable[..., None]:
    """Set FERNET_KEYS."""

    def use(*given: str) -> None:
        settings.FERNET_KEYS = list(given)

    use(OLD)
    return use


def clear() -> dict:
    """The one row, its answer in clear text."""
    row = IdempotentRequest.objects.values().get()
    return row | {"answer": COLUMN.decrypt(row["answer"])}


def make(count: int = 5, answer: str | None = "secret") -> list[IdempotentRequest]:
    now = timezone.now()
    return [
        IdempotentRequest.objects.create(
            caller="x",
            method="POST",
            path="/",
            key=f"{place}-{answer}",
            body_mac="",
            token="",
            leased_until=now,
            created_at=now,
            answer=answer,
        )
        for place in range(count)
    ]


def raw() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT answer FROM {TABLE} WHERE answer IS NOT NULL ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall()]


def readable_with(key: str) -> int:
    fernet = Fernet(hkdf.derive_fernet_key(key))
    count = 0
    for token in raw():
        try:
            fernet.decrypt(token)
        except Exception:  # noqa: S112 - the count is what is asked
            continue
        count += 1
    return count


def test_the_columns_of_every_app_are_found():
    names = {f"{model._meta.label}.{column.name}" for model, column in columns()}
    assert {"api.IdempotentRequest.answer", "messaging.Credential.password"} <= names


def test_everything_is_readable_with_the_new_key_alone(keys, capsys):
    make(5)
    make(2, None)
    keys(NEW, OLD)
    assert (readable_with(OLD), readable_with(NEW)) == (5, 0)

    call_command("rotate_fernet_keys")

    assert (readable_with(OLD), readable_with(NEW)) == (0, 5)
    out = capsys.readouterr().out
    assert "api.IdempotentRequest.answer: 5 written anew, 0 were already" in out
    assert "The first key reads everything" in out
    keys(NEW)
    assert {row.answer for row in IdempotentRequest.objects.all()} == {"secret", None}


def test_a_second_time_there_is_nothing_to_do(keys, capsys):
    make(3)
    keys(NEW, OLD)
    call_command("rotate_fernet_keys")
    before = raw()
    call_command("rotate_fernet_keys")
    assert raw() == before
    assert "0 written anew, 3 were already" in capsys.readouterr().out


def test_an_interrupted_run_continues(keys, monkeypatch):
    monkeypatch.setattr(reencryption, "CHUNK", 2)
    make(7)
    keys(NEW, OLD)
    one, seen = reencryption._reencrypt_row, []

    def interrupted(*args):
        seen.append(args)
        if len(seen) == 4:
            raise KeyboardInterrupt
        one(*args)

    with monkeypatch.context() as patch:
        patch.setattr(reencryption, "_reencrypt_row", interrupted)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_fernet_keys")
    assert readable_with(NEW) == 2  # the whole first batch, and nothing of the second
    call_command("rotate_fernet_keys")
    assert readable_with(NEW) == 7


def test_nothing_else_of_a_row_is_written(keys):
    make(1)
    keys(NEW, OLD)
    before = clear()
    call_command("rotate_fernet_keys")
    assert clear() == before


def test_check_only_looks(keys):
    make(2)
    keys(NEW, OLD)
    with pytest.raises(CommandError, match="keep the old keys"):
        call_command("rotate_fernet_keys", "--check")
    assert readable_with(NEW) == 0


def test_what_no_key_reads_is_named_and_left_alone(keys, capsys):
    keys(LOST)
    (lost,) = make(1, "lost")
    keys(OLD)
    make(1)
    before = raw()[0]
    keys(NEW, OLD)
    with pytest.raises(CommandError):
        call_command("rotate_fernet_keys")
    err = capsys.readouterr().err
    assert f"api.IdempotentRequest.answer: 1 not readable: {lost.pk}" in err
    assert raw()[0] == before
    assert readable_with(NEW) == 1


@pytest.mark.django_db(transaction=True)
def test_a_write_that_comes_meanwhile_is_not_lost(keys, monkeypatch):
    """Somebody changes a row while its batch is being written: they wait, and they win."""
    (row,) = make(1)
    keys(NEW, OLD)
    one = reencryption._reencrypt_row
    started, done = threading.Event(), threading.Event()

    def write() -> None:
        started.wait()
        try:
            with transaction.atomic():
                IdempotentRequest.objects.filter(pk=row.pk).update(answer="newer")
        finally:
            done.set()
            connections.close_all()

    def slowly(*args):
        started.set()
        assert not done.wait(0.3)  # locked out until the batch is committed
        one(*args)

    monkeypatch.setattr(reencryption, "_reencrypt_row", slowly)
    writer = threading.Thread(target=write)
    writer.start()
    reencrypt(IdempotentRequest, COLUMN)
    writer.join()
    row.refresh_from_db()
    assert row.answer == "newer"
    assert readable_with(NEW) == 1
