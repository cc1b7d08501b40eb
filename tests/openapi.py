"""The OpenAPI document, and whether a value is as one of its schemas says."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator


@functools.cache
def document() -> dict[str, Any]:
    """As /openapi.json answers it."""
    return SchemaGenerator().get_schema(request=None, public=True)


def check(value: object, schema: dict[str, Any], within: dict[str, Any] | None = None) -> None:
    """OpenAPI 3.0 has a word of its own for null; a name that no schema has is wrong."""
    schemas = (within or document())["components"]["schemas"]
    extended = {part["$ref"].rpartition("/")[2] for part in _extended(schemas)}
    known = {
        name: _as_json_schema(each, is_whole=name not in extended) for name, each in schemas.items()
    }
    whole = _as_json_schema(schema) | {"components": {"schemas": known}}
    Draft202012Validator(whole).validate(value)


def check_answer(component: str, answer: dict[str, Any]) -> None:
    """`answer` has the names of the component, in its order, and values as it says."""
    assert list(document()["components"]["schemas"][component]["properties"]) == list(answer)
    check(answer, {"$ref": f"#/components/schemas/{component}"})


def resolved(part: dict[str, Any], within: dict[str, Any] | None = None) -> dict[str, Any]:
    """`part`, or what its `$ref` names."""
    if "$ref" not in part:
        return part
    found: Any = within or document()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def operations(within: dict[str, Any] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """`("POST /v1/…", operation)`."""
    for path, methods in (within or document())["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _extended(schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """References to shapes that another one adds to."""
    for each in schemas.values():
        if len(each.get("allOf", [])) > 1:
            yield each["allOf"][0]


def _as_json_schema(schema: Any, *, is_whole: bool = True) -> Any:
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    is_added = len(schema.get("allOf", [])) > 1
    translated = {
        key: [_as_json_schema(each, is_whole=False) for each in value]
        if key == "allOf" and is_added
        else _as_json_schema(value)
        for key, value in schema.items()
    }
    if is_whole and isinstance(translated.get("properties"), dict):
        translated.setdefault("additionalProperties", False)
    if translated.pop("nullable", False):
        return {"anyOf": [translated, {"type": "null"}]}
    return translated
