"""Looking for secrets: in any spelling, in everything that the product leaves behind."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil
import redis
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

GUESSABLE = 20  # characters; the plain hash of a shorter secret gives it away


def spellings(secret: str) -> set[bytes]:
    """How a secret may be written: plain, escaped, encoded; hashed, if it can be guessed."""
    raw = secret.encode()
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        raw.hex(),
        raw.hex().upper(),
        *_base64(raw),
    }
    if len(secret) < GUESSABLE:
        hashes = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
        texts |= {algorithm(raw).hexdigest() for algorithm in hashes}
    return {text.encode() for text in texts}


def _base64(raw: bytes) -> Iterator[str]:
    """The letters that a secret becomes within a longer text, at each of three alignments."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw + b"\0" * 3).decode()
        first, last = -(-offset * 8 // 6), (offset + len(raw)) * 8 // 6
        yield encoded[first:last]
        yield encoded[first:last].replace("+", "-").replace("/", "_")


def find(secrets: Mapping[str, str], places: Mapping[str, bytes | str]) -> set[tuple[str, str]]:
    """`(place, name of the secret)` for each that is there."""
    wanted = {name: spellings(secret) for name, secret in secrets.items()}
    found = set()
    for place, content in places.items():
        content = content.encode() if isinstance(content, str) else content
        for name, forms in wanted.items():
            if any(form in content for form in forms):
                found.add((place, name))
    return found


# -- places ----------------------------------------------------------------------------------


def database_dump(database_url: str) -> bytes:
    """`pg_dump`, as a backup has it."""
    (program, *_) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True)
    server, _, password = database_url.rpartition("@")[0].rpartition(":")
    address = database_url.rpartition("@")[2]
    dump = subprocess.run(
        [program, f"{server}@{address}"],
        env={"PGPASSWORD": password},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return dump.stdout


def database_values() -> dict[str, bytes]:
    """Every value of every table, bytea as its bytes."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            values = (value for row in cursor.fetchall() for value in row)
            found[f"table {table}"] = b"\n".join(map(_as_bytes, values))
    return found


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def redis_values(url: str) -> dict[str, bytes]:
    """Every key with what is in it; bodies of waiting tasks also decoded."""
    readers = {
        b"string": lambda client, key: [client.get(key) or b""],
        b"list": lambda client, key: client.lrange(key, 0, -1),
        b"set": lambda client, key: client.smembers(key),
        b"hash": lambda client, key: [
            part for pair in client.hgetall(key).items() for part in pair
        ],
        b"zset": lambda client, key: client.zrange(key, 0, -1),
    }
    found = {}
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            kind = client.type(key)
            if kind != b"none":
                values = list(readers[kind](client, key))
                found[f"redis {key.decode()}"] = b"\n".join([key, *values, *_bodies(values)])
    return found


def _bodies(values: Iterable[bytes]) -> Iterator[bytes]:
    for value in values:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            yield base64.b64decode(json.loads(value)["body"])


def files(*roots: Path) -> dict[str, bytes]:
    """Everything under folders, or the files named."""
    paths = [
        path
        for root in roots
        for path in ([root] if root.is_file() else root.rglob("*"))
        if path.is_file()
    ]
    return {f"file {path}": path.read_bytes() for path in paths}


def command_lines() -> dict[str, str]:
    """Of every process of the machine: everybody can read them."""
    found = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found[f"command line of {process.name()}"] = "\n".join(process.cmdline())
    return found


def environments() -> dict[str, str]:
    """Of every process that the stack has started: "ours …" are sites' (of another one a forkserver
    may be left), "other …" servers."""
    found = {}
    (guard,) = (each for each in psutil.Process().children() if "guard.py" in str(each.cmdline()))
    for process in guard.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            variables = process.environ()
            whose = "ours" if "STATE_DIR" in variables else "other"
            text = "\n".join(f"{key}={value}" for key, value in variables.items())
            found[f"{whose} {process.name()} {process.pid}"] = text
    return found


def admin_pages(client: Client) -> dict[str, bytes]:
    """Every list, form, history and deletion page of the operators' console."""
    addresses = ["/admin/"]
    for model, model_admin in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses += [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
        for row in model_admin.model._base_manager.all()[:20]:
            addresses += [
                reverse(f"{base}_{page}", args=[row.pk]) for page in ("change", "history", "delete")
            ]
    return {f"page {address}": client.get(address).content for address in addresses}
