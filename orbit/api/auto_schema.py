"""How drf-spectacular reads our views and serializers (DEFAULT_SCHEMA_CLASS)."""

from __future__ import annotations

import itertools
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance, safe_ref
from rest_framework import serializers

from orbit.api.answers import Answered
from orbit.api.error_responses import OF_CALLERS, OF_IDEMPOTENCY_KEYS, references
from orbit.api.query_params import ListQuery
from orbit.api.schema import ErrorAnswer
from orbit.api.serializers import StrictSerializer


class OrbitSchema(AutoSchema):
    """What each operation says, taken from its view, its handler and the serializers.

    - Query parameters, scope, Idempotency-Key, If-Match, and every error that can come.
    - Bodies: no other fields than those declared, and what a field says of itself (`openapi`).
    - Answers: under the names and with all the fields that they have.
    - What many operations share stands once, as a component.
    """

    def get_override_parameters(self) -> list[Any]:
        query = getattr(self.view, "query", {}).get(self.method)
        return [query] if query else []

    def get_operation_id(self) -> str:
        query = getattr(self.view, "query", {}).get(self.method)
        listed = query is not None and issubclass(query, ListQuery)
        verb = "list" if listed else self.method_mapping[self.method.lower()]
        return "_".join([*self._tokenize_path(), verb])

    def get_tags(self) -> list[str]:
        """The noun: `/v1/messaging/smpp/credentials/{credential_id}/rotate` → `credentials`."""
        if self.view.operators_only:
            return ["operators"]
        return [next(word for word in self._tokenize_path() if word not in _FOLDERS)]

    def get_description(self) -> str:
        """The description given to `documented`. Docstrings are for those who write handlers."""
        return ""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        scope = getattr(self.view, "scopes", {}).get(self.method)
        if scope:
            text = operation.get("description", "")
            operation["description"] = f"{text}\n\nScope: `{scope}`".strip()
        codes = self._codes()
        parameters = self._with_shared(operation.get("parameters", []), codes)
        if parameters:
            operation["parameters"] = parameters
        self.resolve_serializer(ErrorAnswer, "response")
        for response in operation["responses"].values():
            self._share_example(response)
        operation["responses"] |= references(codes, self.registry)
        return operation

    def _with_shared(self, found: list[dict[str, Any]], codes: list[str]) -> list[dict[str, Any]]:
        """Parameters, with a reference in the place of those that many operations have."""
        shared = {
            each["name"]: ResolvedComponent(
                each["name"], ResolvedComponent.PARAMETER, each, object=each["name"]
            )
            for each in found
            if each["name"] in ("limit", "cursor")
        }
        headers = [header for code, header in _HEADERS.items() if code in codes]
        for component in (*shared.values(), *headers):
            self.registry.register_on_missing(component)
        own = [shared[each["name"]].ref if each["name"] in shared else each for each in found]
        return own + [header.ref for header in headers]

    def _share_example(self, response: dict[str, Any]) -> None:
        """Keep each example once: those of one shape are `Shape`, `Shape.2` …"""
        for content in response.get("content", {}).values():
            if "examples" not in content:
                continue
            shape = content["schema"]["$ref"].rpartition("/")[2]
            example = content["examples"]["Answer"]
            for number in itertools.count(1):
                name = shape if number == 1 else f"{shape}.{number}"
                shared = ResolvedComponent(name, ResolvedComponent.EXAMPLE, example, object=name)
                self.registry.register_on_missing(shared)
                if self.registry[shared].schema == example:
                    content["examples"] = {"Answer": shared.ref}
                    break

    def _codes(self) -> list[str]:
        """Error codes that the operation can answer with, beyond those of every operation."""
        view, handler = self.view, getattr(self.view, self.method.lower())
        codes = [*OF_CALLERS] if view.authentication_classes else ["UNAUTHORIZED"]
        codes += getattr(handler, "errors", ())
        if "{" in self.path or view.operators_only:
            codes.append("NOT_FOUND")
        if self.method in ("POST", "PUT", "PATCH"):
            codes.append("UNSUPPORTED_MEDIA_TYPE")
        if self.method in ("POST", "PUT", "PATCH", "DELETE") and view.idempotent:
            codes += OF_IDEMPOTENCY_KEYS
        return codes

    def _map_serializer_field(self, field: Any, direction: str, *args: Any) -> Any:
        is_elsewhere = field.read_only if direction == "request" else field.write_only
        if is_elsewhere:
            return None
        schema = super()._map_serializer_field(field, direction, *args)
        return _as_checked(schema, field) if direction == "request" else schema

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        super()._insert_field_validators(field, schema)
        if "pattern" in getattr(field, "openapi", {}) and "oneOf" in schema:
            schema |= schema.pop("oneOf")[0]  # the pattern says whether a text may be empty

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema = super()._map_basic_serializer(serializer, direction)
        serializer = force_instance(serializer)
        if direction == "request" and isinstance(serializer, StrictSerializer):
            return schema | {"additionalProperties": False}
        if direction == "response" and isinstance(serializer, Answered):
            return self._with_base(_answer_schema(schema, serializer), serializer)
        return schema

    def _with_base(self, schema: dict[str, Any], serializer: Answered) -> dict[str, Any]:
        """For an answer that extends another one, only the fields that it adds."""
        base = type(serializer).__bases__[0]
        if not getattr(base, "_declared_fields", None):
            return schema
        component = self.resolve_serializer(base, "response")
        known = component.schema["properties"]
        schema["properties"] = {k: v for k, v in schema["properties"].items() if k not in known}
        schema["required"] = [name for name in schema["required"] if name not in known]
        if not schema["required"]:
            del schema["required"]  # OpenAPI has no empty list of them
        return {"allOf": [component.ref, schema]}

    def get_auth(self) -> list[dict[str, list[str]]]:
        if not self.view.authentication_classes:
            return [{}]
        return []  # as `add_security` says


def add_security(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The document with the two ways in, once for all operations. A hook of drf-spectacular."""
    return {**result, "security": [{"ApiKey": []}, {"Bearer": []}]}


_FOLDERS = {"messaging", "settings", "smpp"}


def _header(key: str, name: str, description: str, pattern: str) -> ResolvedComponent:
    schema = {"type": "string", "pattern": pattern}
    parameter = {"in": "header", "name": name, "description": description, "schema": schema}
    return ResolvedComponent(key, ResolvedComponent.PARAMETER, parameter, object=key)


_TAG = r'(W/)?"[\x21\x23-\x7e]*"'
_HEADERS = {  # by a code that only they can cause
    "IDEMPOTENCY_KEY_REUSED": _header(
        "IdempotencyKey",
        "Idempotency-Key",
        "1–255 printable ASCII characters; the same request again gets the first answer.",
        r"^[\x20-\x7e]{1,255}$",
    ),
    "PRECONDITION_FAILED": _header(
        "IfMatch",
        "If-Match",
        "ETag of the version that you have read; another version is 412.",
        rf"^(\*|{_TAG}(, ?{_TAG})*)$",
    ),
}


def _as_checked(schema: dict[str, Any], field: Any) -> dict[str, Any]:
    """The schema with the field's own `openapi`. A text that may not be blank has a visible
    character."""
    known = getattr(field, "openapi", {})
    is_text = schema.get("type") == "string" and isinstance(field, serializers.CharField)
    if is_text and not field.allow_blank:
        lengths = {name: schema[name] for name in schema if name != "minLength"}
        return {"pattern": r"\S", **lengths, **known}
    return {**schema, **known}


def _answer_schema(schema: dict[str, Any], serializer: Answered) -> dict[str, Any]:
    """The shape of its answers: each field is there, under the name that answers have."""
    properties = {}
    for name, field in serializer.fields.items():
        if not field.write_only:
            found = schema["properties"][name]
            shown = {key: found[key] for key in found if key not in ("readOnly", "default")}
            properties[serializer.answered_as.get(name, name)] = safe_ref(shown)
    required = sorted(properties.keys() - set(serializer.optional_in_answers))
    return schema | {"properties": properties, "required": required}
