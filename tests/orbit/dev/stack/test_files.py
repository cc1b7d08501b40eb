"""The folder of a stack is private, and one stack's alone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orbit.dev.stack import StackError
from orbit.dev.stack.files import Passwords, lock_folder, make_folder, write_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folders_and_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert mode(make_folder(tmp_path / "a" / "b")) == 0o700
        assert mode(write_private(tmp_path / "secret", "text")) == 0o600
    finally:
        os.umask(before)


def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert mode(make_folder(tmp_path / "open")) == 0o700


def test_passwords_are_random_and_the_same_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    first = Passwords(path)
    assert len(first["a"]) == 32
    assert first["a"] != first["b"]
    assert mode(path) == 0o600
    again = Passwords(path)
    assert (again["a"], again["b"]) == (first["a"], first["b"])
    assert first["a"] not in repr(first)


def test_passwords_asked_for_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    passwords = Passwords(tmp_path / "passwords.json")
    names = [str(number) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(passwords.__getitem__, names))
    again = Passwords(tmp_path / "passwords.json")
    assert [again[name] for name in names] == made


def test_a_folder_is_locked_until_every_holder_has_let_go(tmp_path: Path) -> None:
    held = lock_folder(tmp_path)
    copy = os.dup(held)
    os.close(held)
    with pytest.raises(StackError, match=f"another stack is running in {tmp_path}"):
        lock_folder(tmp_path, timeout=0.1)
    os.close(copy)
    os.close(lock_folder(tmp_path, timeout=0.1))
