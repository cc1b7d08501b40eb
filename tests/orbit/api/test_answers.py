"""Answers that are read from the fields of a serializer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from orbit.api.answers import AnswerSerializer, ResourceSerializer, TextOrNull, written_names
from orbit.api.errors import ApiError

MOMENT = datetime(2026, 3, 8, 12, 0, 0, 999_999, tzinfo=UTC)


class Price(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return f"{value} EUR"


class WheelSerializer(AnswerSerializer):
    size = serializers.IntegerField()


class KeySerializer(AnswerSerializer):
    set_at = serializers.DateTimeField(source="key_set_at")


class CarSerializer(ResourceSerializer):
    answered_as = {"key_facts": "key"}

    id = serializers.CharField(read_only=True)
    name = serializers.CharField()
    key = serializers.CharField(write_only=True)
    price = Price(required=False)
    owner = serializers.CharField(read_only=True, source="person.name")
    key_facts = KeySerializer(read_only=True, source="*")
    wheels = WheelSerializer(many=True, read_only=True)
    spare = WheelSerializer(read_only=True)
    note = TextOrNull()
    colours = serializers.ListField(child=serializers.CharField(), read_only=True)

    def represent_colours(self, car: Car) -> list[str]:
        return [car.colour]


@dataclass
class Car:
    id: str = "car_1"
    name: str = "Beetle"
    price: int = 900
    person: Any = field(default_factory=lambda: SimpleNamespace(name="Ada"))
    key_set_at: datetime | None = MOMENT
    wheels: Any = (SimpleNamespace(size=14), {"size": "as it is stored"})
    spare: Any = None
    note: str = ""
    colour: str = "red"


def test_an_answer_has_the_fields_in_their_order():
    assert list(CarSerializer.represent(Car()).items()) == [
        ("id", "car_1"),
        ("name", "Beetle"),
        ("price", "900 EUR"),
        ("owner", "Ada"),
        ("key", {"set_at": "2026-03-08T12:00:00Z"}),
        ("wheels", [{"size": 14}, {"size": "as it is stored"}]),
        ("spare", None),
        ("note", None),
        ("colours", ["red"]),
    ]


def test_rows_of_a_manager_are_all_answered():
    manager = SimpleNamespace(all=lambda: [SimpleNamespace(size=15)])
    assert CarSerializer.represent(Car(wheels=manager))["wheels"] == [{"size": 15}]


def test_what_is_written_is_taken_and_answered():
    assert CarSerializer.written(Car()) == {"name": "Beetle", "price": "900 EUR"}
    assert written_names(CarSerializer) == ("name", "price")


def test_an_answer_is_not_taken_back():
    with pytest.raises(ApiError) as refusal:
        CarSerializer.shared().checked({"name": "B", "key": "k", "id": "car_2", "note": "x"})
    details = refusal.value.details
    assert [each["field"] for each in details["errors"]] == ["id", "note"]
    assert details["expected"] == "only known fields: name, key, price"


def test_a_request_has_its_own_shape_under_a_name_that_the_answer_has_too():
    body = {"name": "B", "key": "k"}
    assert CarSerializer.shared().checked(body) == body


def test_no_instance_of_a_serializer_takes_the_fields_of_another():
    """An answer's reader has an instance, OpenAPI one, each request one."""
    import_module("orbit.urls")
    ours = {
        each
        for each in _below(serializers.Serializer)
        if each.__module__.partition(".")[0] in ("orbit", "messaging", "reconciler")
    }

    assert len(ours) > 40
    for each in ours:
        first, second = (dict(each().fields) for _ in range(2))
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] is second[name]] == [], each


def _below(parent: type) -> set[type]:
    return {parent}.union(*(_below(each) for each in parent.__subclasses__()))
