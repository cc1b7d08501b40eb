"""Fields of forms that are made from those of serializers."""

from __future__ import annotations

from django import forms
from rest_framework import serializers

from messaging.credentials import pem
from messaging.credentials.serializer_fields import Pem
from messaging.serializer_fields import Tlvs
from orbit.api.serializers import StrictSerializer, on_form
from orbit.console.form_fields import form_fields


class Serializer(StrictSerializer):
    name = serializers.CharField(style=on_form("Name", "What it is called."))
    unseen = serializers.CharField(required=False)
    kind = serializers.ChoiceField(["a", "b"], style=on_form("Kind"))
    via = serializers.ChoiceField(["a"], style=on_form("Via", choices=[("a", "by a")]))
    size = serializers.IntegerField(allow_null=True, style=on_form("Size"))
    on = serializers.BooleanField(style=on_form("On"))
    countries = serializers.ListField(style=on_form("Countries"))
    secret = serializers.CharField(write_only=True, required=False, style=on_form("Secret"))
    key = Pem(pem.key, write_only=True, style=on_form("Key"))
    tlvs = Tlvs(required=False, style=on_form("TLVs"))


def made(*, partial: bool = True) -> dict[str, forms.Field]:
    return form_fields(Serializer(partial=partial))


def test_only_what_is_meant_for_forms_is_on_them_in_its_order():
    names = ["name", "kind", "via", "size", "on", "countries", "secret", "key", "tlvs"]
    assert list(made()) == names


def test_each_says_what_its_declaration_says():
    name = made()["name"]
    assert (name.label, name.help_text) == ("Name", "What it is called.")


def test_choices_are_those_of_the_field_or_in_other_words():
    assert made()["kind"].choices == [("a", "a"), ("b", "b")]
    assert made()["via"].choices == [("a", "by a")]


def test_a_change_needs_what_may_not_be_empty_and_a_new_row_what_is_required():
    assert {name for name, each in made().items() if each.required} == {
        "name", "kind", "via", "countries",
    }  # fmt: skip
    assert made(partial=False)["size"].required
    assert not made(partial=False)["secret"].required


def test_no_page_shows_a_secret():
    assert "value" not in made()["secret"].widget.render("secret", "s3cret")
    assert "s3cret" not in made()["key"].widget.render("key", "s3cret")


def test_a_list_is_typed_as_words():
    countries = made()["countries"]
    assert countries.clean("FR, BE DE") == ["FR", "BE", "DE"]
    assert countries.prepare_value(["FR", "BE"]) == "FR, BE"
    assert not countries.has_changed(["FR"], "FR")
