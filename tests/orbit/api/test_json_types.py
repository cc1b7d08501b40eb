"""What a field takes, in words; and the JSON types of numbers."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from orbit.api.json_types import expected, type_fault


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (serializers.IntegerField(min_value=1, max_value=9), "a whole number from 1 to 9"),
        (serializers.IntegerField(min_value=1), "a whole number of at least 1"),
        (serializers.IntegerField(max_value=9), "a whole number of at most 9"),
        (serializers.IntegerField(allow_null=True), "a whole number, or null"),
        (serializers.CharField(max_length=9), "text of 1–9 characters"),
        (serializers.CharField(max_length=9, allow_blank=True), "text of at most 9 characters"),
        (serializers.CharField(), "text of at least 1 characters"),
        (serializers.UUIDField(), "a valid value"),
        (serializers.UUIDField(help_text="a UUID"), "a UUID"),
    ],
)
def test_a_field_says_what_it_takes(field, said):
    assert expected(field) == said


@pytest.mark.parametrize(("value", "fits"), [(1, True), (1.5, True), ("1", False), (True, False)])
def test_a_number_is_no_text_and_no_truth(value, fits):
    assert (type_fault(serializers.FloatField(), value) is None) is fits
