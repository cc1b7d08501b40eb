"""A session with a console that behaves: login, answers, dialogues, what is left unsaid."""

from __future__ import annotations

import pytest

from orbit.dev.stack.processes import poll
from reconciler.jcli import connectors, console, groups, users
from reconciler.jcli.commands import Command
from reconciler.jcli.console import Console
from reconciler.jcli.errors import LoginFailed, Rejected, Untypable
from reconciler.models import Gateway
from reconciler.state import Connector, User
from tests.reconciler.jcli.fake import PASSWORD, USERNAME
from tests.reconciler.jcli.transcripts import Exchange, load
from tests.reconciler.jcli.wire import INSIDE, TOP, WELCOME


def said(typed: str, *answer: str, prompt: str = TOP) -> Exchange:
    return Exchange(prompt, typed, answer)


def test_a_login_tells_the_version(fake, connect):
    console = connect(fake())

    assert console.greeting.jasmin == "0.11.0"


def test_a_version_of_any_length_is_known_by_its_beginning(fake, connect, monkeypatch):
    """PostgreSQL refuses a value longer than the column, and every pass would fail."""
    long = WELCOME.replace(b"0.11.0", b"0.11.0+" + b"x" * 100)
    monkeypatch.setattr("tests.reconciler.jcli.fake.WELCOME", long)

    version = connect(fake()).greeting.jasmin

    assert version.startswith("0.11.0+x")
    assert len(version) == Gateway._meta.get_field("jasmin_version").max_length


def test_a_wrong_password_is_said_and_not_repeated(fake, connect):
    with pytest.raises(LoginFailed, match="wrong username or password") as error:
        connect(fake(), password="wr0ng-0ne")

    assert "wr0ng-0ne" not in str(error.value)


@pytest.mark.parametrize("password", ["a\nuser -r x", "pä", "", "none", " x"])
def test_console_credentials_are_checked_as_everything_that_is_typed(fake, connect, password):
    there = fake()

    if password:
        with pytest.raises(Untypable, match="console password"):
            connect(there, password=password)
        assert there.typed == []
    else:
        with pytest.raises(LoginFailed):
            connect(there, password=password)


def test_each_question_gets_its_own_answer(fake, connect):
    console = connect(fake([said("group -l", "#a", "Total"), said("user -l"), said("smppccm -l")]))

    assert console.ask("group -l", "user -l", "smppccm -l") == [["#a", "Total"], [], []]


def test_an_answer_that_comes_byte_by_byte_is_whole(fake, connect):
    case = load("connectors/lists")
    console = connect(fake(case, chunk=1))

    replies = console.ask(*(each.typed for each in case))

    assert connectors.read(replies[-1]).keys() >= {"obbound", "obrefused", "obstopped"}


def test_a_prompt_inside_an_answer_is_only_text(fake, connect):
    rows = ["jcli : ", "> ", "> ok", "jcli : user -r x", "#b"]
    console = connect(fake([said("group -l", *rows), said("user -l", "#c")], chunk=1))

    assert console.ask("group -l", "user -l") == [
        ["jcli :", ">", "> ok", "jcli : user -r x", "#b"],
        ["#c"],
    ]


def test_what_is_not_ascii_in_an_answer_does_not_break_it(fake, connect):
    console = connect(fake([said("group -l", "#é€", "Total Groups: 1")]))

    (reply,) = console.ask("group -l")

    assert reply[-1] == "Total Groups: 1"


def test_a_command_that_succeeds_says_nothing(fake, connect):
    case = load("connectors/updates")[4:]
    there = fake(case)

    connect(there).run(connectors.update("obone", {"submit_throughput": "70"} | ELINK))

    assert there.typed[2:] == [each.typed for each in case[:4]]


ELINK = {"elink_interval": "60"}


def test_a_failed_ok_leaves_the_dialogue(fake, connect):
    there = fake([*load("connectors/failures")[4:9], said("smppccm -l", "Total connectors: 0")])
    console = connect(there)
    command = Command(("smppccm -a", "cid obone", "port 1", "ok"), "Successfully added")

    with pytest.raises(Rejected, match="^Failed adding connector, check log for details$"):
        console.run(command)

    assert there.typed[-1] == "ko"
    assert console.ask("smppccm -l") == [["Total connectors: 0"]]


def test_a_command_whose_object_is_unknown_types_no_dialogue_into_the_top(fake, connect):
    there = fake([said("smppccm -u obgone", "Unknown connector: obgone")])
    console = connect(there)

    with pytest.raises(Rejected, match="Unknown connector: obgone"):
        console.run(connectors.update("obgone", ELINK))

    assert console.ask() == []


@pytest.mark.parametrize("in_one_write", [True, False])
def test_commands_in_order_have_each_their_own_outcome(fake, connect, monkeypatch, in_one_write):
    if not in_one_write:
        monkeypatch.setattr(console, "_BATCH", 0)
    there = fake(
        [
            said("group -e obone", "Successfully enabled Group id:obone"),
            said("group -e obgone", "Unknown Group: obgone"),
            said("group -a", "Adding a new Group: (ok: save, ko: exit)"),
            said("gid obtwo", prompt=INSIDE),
            said("ok", "Successfully added Group [obtwo]", prompt=INSIDE),
        ]
    )
    commands = [groups.enable("obone"), groups.enable("obgone"), groups.add("obtwo")]

    outcomes = connect(there).run_in_order(commands)

    assert [outcome and str(outcome) for outcome in outcomes] == [
        None,
        "Unknown Group: obgone",
        None,
    ]
    writes = [line for line in there.typed if line.startswith("sync_")]
    assert len(writes) == (1 if in_one_write else 3)


def test_a_failed_ok_in_the_middle_does_not_swallow_the_next_command(fake, connect):
    # Lines that are no longer expected inside the dialogue are answered "Unknown … key".
    there = fake(
        [
            said("user -a", "Adding a new User: (ok: save, ko: exit)"),
            said("uid obone", prompt=INSIDE),
            said("gid obg", "Unknown Group gid:obg, you must first create", prompt=INSIDE),
            said("username obone", prompt=INSIDE),
            said("password s3cret", prompt=INSIDE),
            said("ok", "You must set User id (uid), group (gid)", prompt=INSIDE),
            said("ko", prompt=INSIDE),
            said("user -d obtwo", "Successfully disabled User id:obtwo"),
        ]
    )
    user = User("obone", "obg", "obone", password="s3cret")

    first, second = connect(there).run_in_order([users.put(user), users.disable("obtwo")])

    assert str(first) == (
        "Unknown Group gid:obg, you must first create / You must set User id (uid), group (gid)"
    )
    assert second is None


def test_no_commands_are_no_words(fake, connect):
    there = fake()

    assert connect(there).run_in_order([]) == []
    assert there.typed == [USERNAME, PASSWORD]


def test_success_is_the_whole_line_and_nothing_like_it(fake, connect):
    there = fake([said("group -e ob", "Successfully enabled Group id:ob2")])

    (outcome,) = connect(there).run_in_order([groups.enable("ob")])

    assert isinstance(outcome, Rejected)


def test_what_jasmin_says_against_a_secret_is_told_without_it(fake, connect):
    there = fake(
        [
            said("smppccm -a", "Adding a new connector: (ok: save, ko: exit)"),
            said("cid obone", prompt=INSIDE),
            said("password s3cr;t", "Error: s3cr;t is no password", prompt=INSIDE),
            said("ok", "Error: no s3cr;t here", prompt=INSIDE),
        ]
    )

    with pytest.raises(Rejected) as error:
        connect(there).run(connectors.add(Connector("obone", False, password="s3cr;t")))

    assert str(error.value) == "Error: ******** is no password / Error: no ******** here"


def test_silence_about_a_command_is_not_success(fake, connect):
    there = fake([said("group -e ob")])

    (outcome,) = connect(there).run_in_order([groups.enable("ob")])

    assert str(outcome) == "Jasmin said nothing"


@pytest.mark.parametrize("line", ["group -l\nuser -r x", "a\r", "tab\t", "é", "\x1b[A"])
def test_a_line_that_is_more_than_a_line_is_never_sent(fake, connect, line: str):
    there = fake()
    console = connect(there)

    with pytest.raises(Untypable):
        console.ask("group -l", line)

    assert there.typed == [USERNAME, PASSWORD]
    assert console.ask() == []


def test_a_closed_session_has_said_goodbye(fake):
    there = fake()

    with Console("127.0.0.1", there.port, USERNAME, PASSWORD):
        pass

    assert poll(lambda: there.typed[-1] == "quit", timeout=60)


def test_a_session_shows_no_password(fake, connect):
    console = connect(fake())

    assert PASSWORD not in repr(console)
    assert PASSWORD not in str(vars(console))


def test_the_time_spent_on_jasmin_is_counted(fake, connect):
    console = connect(fake())
    before = console.waited

    console.ask("group -l")

    assert console.waited > before > 0
