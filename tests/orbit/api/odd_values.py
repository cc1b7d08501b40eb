"""Values that programs send and people never type, in the places that take input.

JSON is written as it is sent: what no JSON can say has no Python value.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

LARGE = 10 * 1024 * 1024  # bytes

# Never legal, wherever they stand in a body.
FORBIDDEN_JSON = (
    '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud83d"', '{"a\\u0000": 1}',
    '["\\u0000"]', '{"a": {"b": "\\udc00"}}', "NaN", "Infinity", "-Infinity", "1e400", "-1e400",
    "9" * 5000, "[" * 40 + "]" * 40, "[" * 5000 + "]" * 5000, '{"a":' * 40 + "1" + "}" * 40,
    '{"a": 1, "a": 2}', "01", "+1", "0x1F", "1_000", "'a'", "undefined", "\uff11", "\x00",
)  # fmt: skip
# Mostly refused; taken where a text may be anything.
ODD_JSON = (
    "null", "true", "[]", "{}", '""', '" "', "-1", "0.5", "1e2", "-0", "9007199254740993",
    "9" * 30, '"\uff11\uff12\uff13"', '"+\uff13\uff13639980001"', '"\uff0b33639980001"',
    '"1_0"', '" 1"', '"1e3"', '"NaN"', '"none"', '"\\ufeff"', '"\\u202e"', '"\\r\\n"', '"\\u0085"',
    '"%00"', '"\\\\x00"', '"../../etc/passwd"', '"\\"; DROP TABLE x; --"', '"{{a}}{{"',
    '"https://[::1"', '"https://a@127.0.0.1:1\\\\@x/"', '"https://127.0.0.1:99999/"',
    '"\uff11\uff12\uff17.0.0.1"', '"xn--a"', '"9999-12-31T23:59:59-23:59"',
    '"0001-01-01T00:00:00+23:59"', '"\uff12\uff10\uff12\uff17-01-01T00:00:00Z"',
    json.dumps("x" * 300), json.dumps("x" * 100_000), json.dumps("\u0301\u0327" * 20_000),
    json.dumps("1" * 5000), json.dumps("{{" * 5000), json.dumps(["x"] * 5000),
    json.dumps({str(number): 1 for number in range(2000)}),
)  # fmt: skip
# Percent-encoded, as paths and query strings have them.
ODD_TEXTS = (
    "%00", "a%00b", "%ED%A0%80", "%FF", "%C0%80", "%EF%BC%91", "%EF%BC%91%EF%BC%90", "1_0", "%201",
    "%2B1", "1e3", "9" * 30, "x" * 3000, "-1", "%0A", "%0D%0Ax", "..%2F..%2Fx", "%25%30%30",
    "%E2%80%AE", "%F0%9F%98%80", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59",
    "%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%96-01-01T00:00:00Z", "cur_%EF%BC%91", "cur_" + "A" * 3000,
    "null", "undefined", "[]", "{}", "'", "%27%20OR%201=1", "",
)  # fmt: skip
FORBIDDEN_TEXTS = ("%00", "a%00b")
# A header holds Latin-1; servers refuse NUL and line ends themselves.
ODD_HEADERS = (
    "", " ", "\xff", "\xef\xbc\x91", "x" * 8000, "\t", "*", '"', 'W/"', '"a", ' * 500, ",,,,",
    "\x7f", "null", "-1", "9" * 400, "%00", "\\x00", "${x}", "() { :; }",
)  # fmt: skip
MEDIA_TYPES = (
    "", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=x", "application/json+x", "*/*", "\xff", "image/png",
)  # fmt: skip
# Of JSON: what is wrong is not its type.
CHARSETS = (
    "charset=hex", "charset=undefined", "charset=idna", "charset=utf-16", "charset=unicode_escape",
    "charset*=nope''x", "charset*=undefined''x", "charset=\xff", "a", ";;;", "x=" + "y" * 8000,
)  # fmt: skip


def wrong_bodies(text: str) -> Iterator[bytes]:
    """`text`, JSON of an object, as no server reads it."""
    raw = text.encode()
    yield gzip.compress(raw)
    yield b"\xef\xbb\xbf" + raw
    yield text.encode("utf-16")
    yield raw[:-1] + b"\xff}"
    yield raw + raw
    yield raw[:-1]
    yield b'{"\xed\xa0\x80": 1}'
    yield b"\x00"
    yield b"[" * 100_000


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in `body`."""
    if at:
        yield at
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in inner:
        if isinstance(value, dict | list) and value:
            yield from places(value, (*at, key))
        else:
            yield (*at, key)


def written(body: Any, at: tuple[Any, ...], token: str) -> str:
    """`body` as JSON, with `token` in the place of one value."""
    mark = "\ue000here\ue000"
    text = json.dumps(_with(body, at, mark), ensure_ascii=False)
    return text.replace(json.dumps(mark, ensure_ascii=False), token, 1)


def _with(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    key, *rest = at
    if isinstance(body, list):
        return [*body[:key], _with(body[key], tuple(rest), value), *body[key + 1 :]]
    return body | {key: _with(body.get(key), tuple(rest), value)}
