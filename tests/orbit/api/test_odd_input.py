"""Whatever stands in whatever place that takes input: refused or taken, never a fault of ours.

Operations of OpenAPI are asked as an owner with rows of its own. The suite draws some of them and a
value for each place, `ODD_SEED` those of another run; `ODD_VALUES=3` asks all with three values in
each place, `ODD_VALUES=0` with every value (minutes).
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.test import client as django_client

from orbit.api.utf8_requests import Utf8Request
from tests.openapi import document, operations, resolved
from tests.orbit.api import odd_values as odd
from tests.orbit.api.tenants import Tenant, callers, make_run, make_tenant, undone

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

JSON = "application/json"
COUNT = int(os.environ.get("ODD_VALUES", 1))  # values in each place
SHARE = 4 if COUNT == 1 else 1  # one operation of so many is asked
SEED = int(os.environ.get("ODD_SEED", random.randrange(2**32)))
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# What is wrong with an entry refuses that entry alone, in an answer of 2xx.
ONE_BY_ONE = {"POST /v1/campaigns/{campaign_id}/recipients", "POST /v1/messages/sms/batch"}
# Statuses of any request that a server does not read to its end.
ANYWHERE = {"400", "401", "404", "405", "415", "422"}

Operation = tuple[str, dict[str, Any]]


@dataclass
class Asker:
    """Asks one operation after the other, and collects what went wrong."""

    tenant: Tenant
    other: Tenant
    headers: dict[str, dict[str, str]]
    chance: random.Random
    faults: list[str] = field(default_factory=list)
    asked: int = 0

    def ask(
        self,
        name: str,
        operation: dict[str, Any],
        *,
        path: str = "",
        body: bytes | str = b"",
        content_type: str = JSON,
        never: bool = False,
        **environ: Any,
    ) -> None:
        """`never`: it can't be taken. `environ`: of WSGI."""
        method, template = name.split(" ")
        path = path or self.filled(template)
        who = "operator" if operation.get("tags") == ["operators"] else "owner"
        headers = {} if operation.get("tags") == ["auth"] else self.headers[who]
        raw = body.encode() if isinstance(body, str) else body
        environ["wsgi.input"] = BytesIO(raw)  # Django's own fails where Content-Length says more
        with undone():
            answer = Client(raise_request_exception=False, headers=headers).generic(
                method, path, raw, content_type=content_type, **environ
            )
        self.asked += 1
        said = f"{name}: {answer.status_code} to {path[:100]} {body[:100]!r} {content_type[:60]!r}"
        said += f" {str({n: v for n, v in environ.items() if n != 'wsgi.input'})[:100]}"
        documented = set(operation["responses"]) | ANYWHERE
        if answer.status_code >= 500 or str(answer.status_code) not in documented:
            self.faults.append(said)
        if never and answer.status_code < 400 and name not in ONE_BY_ONE:
            self.faults.append(f"taken: {said}")
        if answer.status_code >= 400 and answer.json()["error"]["status"] != answer.status_code:
            self.faults.append(f"another shape: {said}")

    def drawn(self, operations: list[Operation]) -> list[Operation]:
        return self.chance.sample(operations, len(operations) // SHARE)

    def filled(self, template: str, **other: str) -> str:
        return template.format(**self.tenant.ids | other)

    def some(self, values: tuple[str, ...], count: int = COUNT) -> list[str]:
        return self.chance.sample(values, min(count, len(values)) if COUNT else len(values))


@pytest.fixture
def asker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    monkeypatch.setattr(django_client, "WSGIRequest", Utf8Request)  # as orbit.wsgi
    print(f"ODD_SEED={SEED} ODD_VALUES={COUNT}")
    ours, others = make_tenant("alpha"), make_tenant("zulu")
    ours.ids["run_id"] = make_run(ours)
    asker = Asker(ours, others, callers(ours), random.Random(SEED))
    yield asker
    print(f"{asker.asked} requests")
    assert not asker.faults, "\n".join(asker.faults)


@cache
def of_the_api() -> list[Operation]:
    return [(name, each) for name, each in operations() if " /v1/" in name]


def parameters(operation: dict[str, Any], where: str) -> list[str]:
    found = map(resolved, operation.get("parameters", []))
    return [each["name"] for each in found if each["in"] == where]


def example(operation: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """A body with every field: the documented example, with ids that there are."""
    content = operation["requestBody"]["content"][JSON]
    examples = [resolved(each)["value"] for each in content.get("examples", {}).values()]
    fields = resolved(content["schema"]).get("properties", {})
    body = dict.fromkeys(fields, "x") | (examples[0] if examples else {})
    return body | {name: ids[name] for name in body.keys() & ids.keys()}


def with_bodies() -> list[Operation]:
    return [
        (name, each)
        for name, each in of_the_api()
        if JSON in each.get("requestBody", {}).get("content", {})
    ]


def test_odd_paths(asker):
    for name, operation in asker.drawn(of_the_api()):
        template = name.split(" ")[1]
        for parameter in parameters(operation, "path"):
            for text in asker.some(tuple(each for each in odd.ODD_TEXTS if each)):
                path = asker.filled(template, **{parameter: text})
                never = text in odd.FORBIDDEN_TEXTS
                key = {"HTTP_IDEMPOTENCY_KEY": "a"} if name.startswith(WRITES) else {}
                asker.ask(name, operation, path=path, body=b"{}", never=never, **key)


def test_odd_query_strings(asker):
    for name, operation in asker.drawn(of_the_api()):
        names = [*parameters(operation, "query"), "unknown"]
        path = asker.filled(name.split(" ")[1])
        for parameter in names:
            for text in asker.some(odd.ODD_TEXTS):
                never = text in odd.FORBIDDEN_TEXTS
                query = f"{path}?{parameter}={text}"
                asker.ask(name, operation, path=query, body=b"{}", never=never)
        asker.ask(name, operation, path=f"{path}?limit=1&limit=1", body=b"{}", never=True)


def test_odd_values_in_bodies(asker):
    for name, operation in asker.drawn(with_bodies()):
        body = example(operation, asker.tenant.ids)
        for place in odd.places(body):
            for token in asker.some(odd.FORBIDDEN_JSON + odd.ODD_JSON):
                never = token in odd.FORBIDDEN_JSON
                asker.ask(name, operation, body=odd.written(body, place, token), never=never)
        for token in asker.some(odd.FORBIDDEN_JSON + odd.ODD_JSON):
            asker.ask(name, operation, body=token, never=token != "{}")


def test_bodies_that_are_no_json(asker):
    for name, operation in asker.drawn(with_bodies()):
        text = json.dumps(example(operation, asker.tenant.ids))
        for body in asker.some(tuple(odd.wrong_bodies(text))):
            asker.ask(name, operation, body=body, never=True)
        for media_type in asker.some(odd.MEDIA_TYPES):
            asker.ask(name, operation, body=text, content_type=media_type, never=True)
        for parameter in asker.some(odd.CHARSETS, 1):
            asker.ask(name, operation, body=text, content_type=f"{JSON}; {parameter}")


def test_ten_megabytes_of_anything(asker):
    bodies = (
        b'{"to": "' + b"1" * odd.LARGE + b'"}',
        b'{"name": "' + b"\\u0301" * (odd.LARGE // 6) + b'"}',
        b'{"' + b"x" * odd.LARGE + b'": 1}',
        b'{"recipients": ["' + b"x" * odd.LARGE + b'"]}',
        b'{"recipients": [{"to": "+33639980001", "variables": {"a": "' + b"{" * odd.LARGE,
        b"[" * odd.LARGE,
        b" " * odd.LARGE,
        b"9" * odd.LARGE,
        b'"' + b"\\" * odd.LARGE + b'"',
    )
    for name, operation in asker.drawn(with_bodies()):
        for body in asker.some(bodies, 1):
            asker.ask(name, operation, body=body)


def test_ten_megabytes_of_rows(asker):
    operation = document()["paths"]["/v1/campaigns/{campaign_id}/recipients"]["post"]
    name = "POST /v1/campaigns/{campaign_id}/recipients"
    bodies = (
        b"to\n" + b"\n" * odd.LARGE,
        b"to\n" + b"\0" * odd.LARGE,
        b"to\n" + b"," * odd.LARGE,
        b'to\n"' + b"x" * odd.LARGE,
        b"to," + b"x" * odd.LARGE,
        b"to" + b",a" * (odd.LARGE // 2),
        b"\xef\xbb\xbf" * (odd.LARGE // 3),
        b"to\n" + b"\xff" * odd.LARGE,
        b"to\n" + b"1\r" * (odd.LARGE // 2),
    )
    for body in asker.some(bodies, 2):
        asker.ask(name, operation, body=body, content_type="text/csv", never=True)


def test_odd_headers(asker):
    names = ("X-API-Key", "Authorization", "If-Match", "Idempotency-Key", "X-Forwarded-For",
             "X-Request-ID", "Accept", "Content-Encoding", "User-Agent", "Cookie", "Range",
             "If-None-Match", "Origin", "Referer", "X-Forwarded-Proto", "Expect")  # fmt: skip
    for name, operation in asker.drawn(of_the_api()):
        for header in asker.chance.sample(names, 2 if COUNT else len(names)):
            key = "HTTP_" + header.upper().replace("-", "_")
            for text in asker.some(odd.ODD_HEADERS, 1):
                text = f"Bearer {text}" if header == "Authorization" else text
                asker.ask(name, operation, body=b"{}", **{key: text})


def test_content_lengths_that_lie(asker):
    lies = ("", "0", "-1", "+2", "1_0", "abc", "\xb2", "1", "3", "99999999999999999999", "9" * 5000)
    for name, operation in asker.drawn(of_the_api()):
        for length in asker.some(lies, 1):
            asker.ask(name, operation, body=b"{}", CONTENT_LENGTH=length)
            csv = {"body": b"to\n1", "content_type": "text/csv"}
            asker.ask(name, operation, **csv, CONTENT_LENGTH=length)
        asker.ask(name, operation, body=b"", HTTP_TRANSFER_ENCODING="chunked")
