from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.campaigns.template import Template, variable_names


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Hello", set()),
        ("{{a}}{{ b }}{{a}}", {"a", "b"}),
        ("{{First Name}} {{e-mail}} {{Straße}}", {"First Name", "e-mail", "Straße"}),
        ("{a} } { {b}", set()),
        ("{" + "{{a}}" + "}", {"a"}),
    ],
)
def test_the_variables_of_a_text(body, found):
    assert variable_names(body) == found


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("Hi {{name", 4),
        ("Hi name}}", 8),
        ("{{a}} {{", 7),
        ("{{}}", 1),
        ("{{  }}", 1),
        ("{{a{b}}", 1),
        ("{{{{a}}}}", 1),
        ("{{a\nb}}", 1),
        ("x{{" + "a" * 65 + "}}", 2),
    ],
)
def test_braces_that_mean_nothing_are_named(body, place):
    with pytest.raises(ValueError, match=f"^At character {place}: "):
        variable_names(body)


def test_a_value_is_never_looked_into():
    filled = Template("{{a}}{{b}}").render({"a": "{{b}}", "b": r"\1{{a}}"})
    assert filled == r"{{b}}\1{{a}}"


def test_many_braces_take_no_time():
    for body in ("{" * 10_000, "{{" + " " * 10_000, "{{a" * 3_000):
        with pytest.raises(ValueError):
            variable_names(body)


@given(st.text(st.characters(exclude_characters="{}")), st.text())
def test_what_is_no_variable_stays_as_it_is(around, value):
    template = Template(f"{around}{{{{x}}}}{around}")
    assert template.render({"x": value}) == around + value + around
    assert template.length({"x": value}) == len(around + value + around)
    assert template.beginning({"x": value}, 5) == (around + value + around)[:5]
