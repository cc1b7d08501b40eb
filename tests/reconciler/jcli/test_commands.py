"""The last check before the console: values that mean something else there are never typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.jcli import connectors, groups, users
from reconciler.jcli.commands import MAX_LINE, NULL, Command, check_line, session
from reconciler.jcli.errors import Untypable
from reconciler.state import Connector, User

CONNECTOR = Connector("obcid", running=True, settings={"host": "192.0.2.1"}, password="secret")
USER = User("obuid", "obgid", "obuid", settings={"cred value k": ".*"}, password="secret")


def setting(key: str) -> Callable[[str], Command]:
    return lambda value: connectors.add(replace(CONNECTOR, settings={key: value}))


TEXTS: dict[str, tuple[str, Callable[[str], Command]]] = {
    "system_id": ("username", setting("username")),
    "system_type": ("systype", setting("systype")),
    "address_range": ("addr_range", setting("addr_range")),
    "host": ("host", setting("host")),
    "password": ("password", lambda value: connectors.add(replace(CONNECTOR, password=value))),
    "live": ("elink_interval", lambda value: connectors.update("obcid", {"elink_interval": value})),
    "user password": (
        "password",
        lambda value: users.put(replace(USER, password=value)),
    ),
    "user setting": (
        "cred value",
        lambda value: users.put(replace(USER, settings={"cred value k": value})),
    ),
}
IDS: dict[str, Callable[[str], object]] = {
    "gid": groups.add,
    "gid enable": groups.enable,
    "gid remove": groups.remove,
    "uid": lambda value: users.put(replace(USER, uid=value)),
    "gid of user": lambda value: users.put(replace(USER, gid=value)),
    "username": lambda value: users.put(replace(USER, username=value)),
    "uid show": users.show,
    "uid enable": users.enable,
    "uid disable": users.disable,
    "uid unbind": users.unbind,
    "uid remove": users.remove,
    "cid": lambda value: connectors.add(replace(CONNECTOR, cid=value)),
    "cid update": lambda value: connectors.update(value, {"elink_interval": "30"}),
    "cid show": connectors.show,
    "cid attempts": connectors.attempts,
    "cid start": connectors.start,
    "cid stop": connectors.stop,
    "cid remove": connectors.remove,
}
DANGEROUS = {
    "CR": "hidden\rvalue",
    "LF": "hidden\nvalue",
    "CRLF at the end": "hidden value\r\n",
    "TAB": "hidden\tvalue",
    "ESC": "hidden\x1b[Avalue",
    "NUL": "hidden\0value",
    "DEL": "hidden\x7fvalue",
    "BS": "hidden\x08value",
    "é": "hidden é value",
    "€": "hidden €",
    "telnet IAC": "hidden\xff\xf4",
    "line separator": "hidden\u2028value",
    "10 kB": "hidden" * 1707,
}
HARMLESS = ['"quoted"', "it's", "a;b", "#1", "+x", "-x", "%s%d", "a\\nb", "a  b", "?", "^$(a|b)*"]


def typed(value: object) -> str:
    return "\n".join(value.lines) if isinstance(value, Command) else str(value)


@pytest.mark.parametrize("value", DANGEROUS.values(), ids=DANGEROUS)
@pytest.mark.parametrize("place", TEXTS)
def test_a_value_that_means_something_else_is_refused_by_name(place: str, value: str):
    name, build = TEXTS[place]

    with pytest.raises(Untypable) as error:
        build(value)

    assert str(error.value).startswith(f"{name}")
    assert "hidden" not in str(error.value)
    assert "value" not in str(error.value).removeprefix(name)


@pytest.mark.parametrize("value", ["none", "NONE", "None", "nOnE"])
@pytest.mark.parametrize("place", ["system_id", "system_type", "host", "password", "user password"])
def test_the_word_none_is_refused_in_any_case(place: str, value: str):
    name, build = TEXTS[place]

    with pytest.raises(Untypable, match=f"{name}: .* null"):
        build(value)


@pytest.mark.parametrize("value", [" hidden", "hidden ", "  hidden  ", " "])
@pytest.mark.parametrize("place", ["system_id", "system_type", "address_range", "host", "password"])
def test_spaces_at_the_edges_are_refused(place: str, value: str):
    name, build = TEXTS[place]

    with pytest.raises(Untypable, match=f"{name}: .* spaces") as error:
        build(value)

    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("value", HARMLESS)
@pytest.mark.parametrize("place", ["system_id", "system_type", "address_range", "password"])
def test_what_only_looks_dangerous_is_typed_as_it_is(place: str, value: str):
    name, build = TEXTS[place]

    assert f"{name} {value}" in build(value).lines


@pytest.mark.parametrize(
    "value", [*DANGEROUS.values(), "a b", "a;b", "", "x" * 26, "-l", " a"], ids=repr
)
@pytest.mark.parametrize("place", IDS)
def test_an_id_is_letters_digits_and_dashes_or_refused(place: str, value: str):
    if value == "-l":
        value = "-l -r"  # an option of the console's

    with pytest.raises(Untypable) as error:
        IDS[place](value)

    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("place", IDS)
def test_an_id_of_ours_is_typed(place: str):
    assert "obabcdefghijklm" in typed(IDS[place]("obabcdefghijklm"))


def test_a_null_of_jasmin_is_not_typed_for_a_new_connector():
    command = connectors.add(replace(CONNECTOR, settings={"addr_range": "None", "port": "1"}))

    assert "port 1" in command.lines
    assert not any("addr_range" in line for line in command.lines)


def test_only_our_own_null_becomes_the_word_none():
    assert session("opener", [("key", NULL)]) == ("opener", "key none", "ok")
    with pytest.raises(Untypable):
        session("opener", [("key", "none")])


def test_an_empty_value_is_typed_as_the_key_alone():
    assert session("opener", [("systype", "")]) == ("opener", "systype", "ok")


@pytest.mark.parametrize("line", ["a\rb", "a\nb", "a\tb", "é", "\x7f", "x" * (MAX_LINE + 1)])
def test_a_line_that_is_not_one_line_is_refused_without_being_quoted(line: str):
    with pytest.raises(Untypable) as error:
        check_line(line)

    assert line not in str(error.value)


def test_a_line_too_long_is_an_error_of_its_own_command_and_not_of_the_write():
    with pytest.raises(Untypable):
        session("opener", [("key", "x" * MAX_LINE)], limit=MAX_LINE)


def test_a_command_hides_what_it_types():
    command = connectors.add(CONNECTOR)

    assert "secret" in typed(command)
    assert "secret" not in repr(command)
    assert command.redact("it said secret twice: secret") == "it said ******** twice: ********"


def test_an_update_of_what_would_drop_the_bind_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="not live: .'host'."):
        connectors.update("obcid", {"host": "192.0.2.2", "elink_interval": "30"})
