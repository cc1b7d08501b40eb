"""Reading recipients from JSON or CSV, each checked by itself."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from messaging.campaigns import template
from messaging.campaigns.template import MAX_NAME, MAX_VARIABLES
from messaging.numbers import MAX_TYPED, as_read, e164
from messaging.smpp.protocol.segmentation import GSM7, MAX_SEGMENTS
from orbit.api.errors import ApiError
from orbit.api.field_errors import MAX_ECHO, sendable
from orbit.api.json_types import character_fault
from orbit.api.parsers.csv_rows import Row

MAX_ROWS = 100_000  # of an upload, good and bad: a campaign has no more recipients
MAX_VALUE = GSM7.part * MAX_SEGMENTS  # characters; no text is longer
NUMBER_COLUMNS = ("to", "phone")  # the first of these columns has the numbers
ROW = "(row)"  # the field name of faults of a whole row


@dataclass(frozen=True)
class Entry:
    """A valid recipient. `line`: of the CSV, or the place in the JSON list, from 1."""

    line: int
    to: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Rejected:
    """An invalid row and why. `code`: one of `orbit.api.error_codes`."""

    line: int
    field: str
    message: str
    code: str = "VALIDATION_ERROR"
    value: Any = None


Found = Entry | Rejected


def from_json(items: Iterable[Any]) -> Iterator[Found]:
    """Read the list `[{"to", "variables"}]` of a JSON body."""
    for line, item in enumerate(items, start=1):
        yield _of_object(line, item)


def from_csv(rows: Iterable[Row]) -> Iterator[Found]:
    """Read CSV: the first row names the columns; all but the number's are variables.

    Raises ApiError if the first row names no number column, or if more than `MAX_ROWS` rows follow;
    ParseError where the body stops being CSV.
    """
    rows = iter(rows)
    header = next(rows, None)
    columns = _columns(header.cells if header else [])
    numbers = next(name for name in NUMBER_COLUMNS if name in columns)
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise _too_many_rows()
        if len(row.cells) != len(columns):
            yield Rejected(
                row.line, ROW, f"This row has {len(row.cells)} cells, the header {len(columns)}."
            )
            continue
        variables = dict(zip(columns, row.cells, strict=True))
        to = variables.pop(numbers)
        yield _checked(row.line, as_read(to).strip() if len(to) <= MAX_TYPED else to, variables)


def _columns(cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    if not any(columns):
        raise ApiError(
            "MISSING_REQUIRED_FIELD",
            "to: The CSV is empty. Its first line names the columns, and one of them has to be "
            "`to` (or `phone`).",
            field="to",
            details={"expected": "a column `to` (or `phone`)"},
        )
    if not set(NUMBER_COLUMNS) & set(columns):
        shown = sendable(",".join(columns)[:MAX_ECHO])
        raise ApiError(
            "MISSING_REQUIRED_FIELD",
            "to: The first line has to name the columns, separated by commas, and one of them has "
            f"to be `to` (or `phone`). It is: {shown}",
            field="to",
            details={"expected": "a column `to` (or `phone`)"},
        )
    if len(columns) > MAX_VARIABLES + 1:
        raise _bad_header(f"There are at most {MAX_VARIABLES} columns beside the number.")
    for place, column in enumerate(columns, start=1):
        if column in columns[: place - 1]:
            raise _bad_header(f"Two columns are called `{sendable(column)}`.")
        fault = _name_fault(column)
        if fault:
            raise _bad_header(f"Column {place}: {fault}")
    return columns


def _too_many_rows() -> ApiError:
    return ApiError(
        "VALIDATION_ERROR",
        f"The CSV has more than {MAX_ROWS} rows beside its header; a campaign has no more "
        "recipients. Nothing was added.",
        field="(rows)",
        details={"expected": f"at most {MAX_ROWS} rows"},
    )


def _bad_header(message: str) -> ApiError:
    return ApiError(
        "VALIDATION_ERROR", message, field="(header)", details={"expected": "names of columns"}
    )


def _of_object(line: int, item: Any) -> Found:
    if not isinstance(item, Mapping):
        return Rejected(line, ROW, "Must be an object.")
    for name in item:
        if name not in ("to", "variables"):
            return Rejected(line, sendable(name[:MAX_ECHO]), "Unknown field.")
    to, variables = item.get("to"), item.get("variables", {})
    if "to" not in item:
        return Rejected(line, "to", "This field is required.", "MISSING_REQUIRED_FIELD")
    if not isinstance(to, str):
        return Rejected(line, "to", "Must be text in quotes.", value=to)
    if not isinstance(variables, Mapping):
        return Rejected(line, "variables", "Must be an object.", value=variables)
    if len(variables) > MAX_VARIABLES:
        return Rejected(line, "variables", f"There are at most {MAX_VARIABLES} variables.")
    for name in variables:
        fault = _name_fault(name)
        if fault:
            return Rejected(line, "variables", fault, value=name)
    return _checked(line, to, dict(variables))


def _checked(line: int, to: str, variables: dict[str, str]) -> Found:
    """Read one row, whose variable names are checked already."""
    try:
        number = e164(to)
    except ValueError as error:
        return Rejected(line, "to", str(error), "INVALID_PHONE_NUMBER", value=to)
    if not _are_plain(variables.values()):
        for name, value in variables.items():
            fault = _value_fault(value)
            if fault:
                return Rejected(line, f"variables.{name}", fault, value=value)
    return Entry(line, number, variables)


def _are_plain(values: Iterable[Any]) -> bool:
    """Whether the values are certainly valid: one check of the whole row, which most rows pass."""
    try:
        text = "".join(values)
    except TypeError:
        return False
    return len(text) <= MAX_VALUE and text.isascii() and "\0" not in text


def _name_fault(name: str) -> str | None:
    return _known_fault(name[: MAX_NAME + 1])  # longer names have the same fault


@functools.lru_cache(1024)
def _known_fault(name: str) -> str | None:
    """Cached: every row of a CSV has the same names."""
    try:
        template.checked_name(name)
    except ValueError as error:
        return str(error)
    return None


def _value_fault(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Must be text in quotes."
    if len(value) > MAX_VALUE:
        return f"Must have at most {MAX_VALUE} characters."
    return character_fault(value)
