"""Texts that opt out, opt in or ask for help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from messaging.countries import COUNTRIES
from messaging.opt_outs import words
from messaging.opt_outs.words import HELP, KINDS, START, STOP, Word, vocabulary
from messaging.smpp.protocol.segmentation import encode

FILE = json.loads((Path(words.__file__).parent / "words.json").read_text("utf-8"))


def said(text: str, country: str = "FR", **options) -> tuple[str, bool] | None:
    """Kind, and whether the text is nothing else."""
    match = vocabulary(country, **options).find(text)
    return match and (match.word.kind, match.whole)


@pytest.mark.parametrize(
    "text",
    [
        "stop", " STOP.\n", "Stop, thanks", "please stop!", "Stop. Merci", "STOPALL", "ＳＴＯＰ",
        "ARRET", "Arrêt", "“stop”", "STOP 🛑", "s\u200btop", "stop stop STOP", "opt-out", "Opt Out",
        "unsubscribe", "Désabonner svp", "END", "cancel", "S'il vous plaît, stop",
        "\u202aSTOP\u202c", "ＳＴＯＰ！", "stop\0", "S\u20e3T\u20e3O\u20e3P\u20e3", "unsubscrıbe",
    ],
)  # fmt: skip
def test_these_opt_out(text):
    assert said(text) == (STOP, True)


@pytest.mark.parametrize(
    "text",
    ["please don't stop sending", "STOP 4711", "4711 stop", "Stop! In the name of love",
     "stop it or", "I will unsubscribe tomorrow", "ne pas arrêter"],
)  # fmt: skip
def test_these_are_for_a_person(text):
    assert said(text) == (STOP, False)


@pytest.mark.parametrize(
    "text",
    ["", " ", "!", "4711", "hello", "the end", "cancel my order", "nonstop", "stopover", "s t o p",
     "thanks", "please", "🛑", "unstoppable", "x" * 40_000, " ".join(["hello"] * 100) + " stop"],
)  # fmt: skip
def test_these_say_nothing_of_it(text):
    assert said(text) is None


@pytest.mark.parametrize("country", ["IT", "CH"])
def test_an_english_answer_is_no_word_of_another_language(country):
    assert said("Fine, thanks", country) is None


def test_a_long_text_is_never_taken_for_its_beginning():
    assert said("stop" + " " * 1500 + "is what I never said") != (STOP, True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("START", START), ("unstop", START), ("Help!", HELP), ("info", HELP), ("AIDE", HELP)],
)
def test_others_opt_in_and_ask_for_help(text, kind):
    assert said(text) == (kind, True)


@pytest.mark.parametrize(
    ("text", "country"),
    [("Стоп", "RU"), ("退订", "CN"), ("停止", "JP"), ("İptal", "TR"), ("iptal", "TR"),
     ("ıptal", "TR"), ("إيقــاف", "SA"),
     ("إيقاف", "SA"), ("BAJA", "ES"), ("Sair", "BR"), ("STOPP", "DE"), ("avmeld", "NO"),
     ("FIN", "FR")],
)  # fmt: skip
def test_words_of_a_language_count_in_its_countries(text, country):
    assert said(text, country) == (STOP, True)
    assert said(text, "KR") is None


def test_an_organisation_chooses_languages_and_stop_counts_all_the_same():
    assert said("BAJA", "DE", languages=["es"]) == (STOP, True)
    assert said("STOPP", "DE", languages=["es"]) is None
    assert said("stop", "DE", languages=["es"]) == (STOP, True)
    assert said("arrêt", "US", languages=["en"]) == (STOP, True)


def test_words_of_ones_own_count_too_and_come_first():
    own = {STOP: ["Nö"], START: ["STOP"]}
    assert said("NO", "FR", own=own) == (STOP, True)
    assert said("stop", "FR", own=own) == (START, True)


def test_words_of_ones_own_have_letters():
    assert words.checked("No more") == "No more"
    for text in ("", "  ", "!!", "x" * 65, "a\nb"):
        with pytest.raises(ValueError):
            words.checked(text)


@pytest.mark.parametrize(
    ("word", "country", "languages", "language"),
    [
        (Word("STOP", STOP, "en"), "FR", (), "fr"),
        (Word("STOP", STOP, "en"), "CH", (), "de"),
        (Word("ARRET", STOP, "fr"), "CH", (), "fr"),
        (Word("STOP", STOP, "en"), "US", (), "en"),
        (Word("STOP", STOP, "en"), "FR", ("de",), "de"),
        (Word("NO", STOP), None, (), "en"),
    ],
)
def test_the_answer_is_in_the_persons_language(word, country, languages, language):
    assert words.reply_language(word, country, languages) == language


def test_each_word_has_a_source_and_each_language_answers_that_fit_one_text_or_two():
    assert all(len(each["title"]) > 5 for each in FILE["sources"].values())
    for code, language in FILE["languages"].items():
        assert set(language["countries"]) <= COUNTRIES, code
        for kind in KINDS:
            cheap = 1 if code in ("en", "de", "nl", "fr", "es", "it", "sv", "da", "nb", "fi") else 3
            assert encode(language["replies"][kind]).segments <= cheap, (code, kind)
            assert "STOP" in language["replies"][kind] or "START" in language["replies"][kind]
            for each in language[kind]:
                assert set(each["sources"]) <= set(FILE["sources"]), each
                assert each["sources"] and words.key(each["word"]), each


def test_no_word_means_two_things_in_a_country():
    for country in ("", *COUNTRIES):
        kinds: dict[words.Key, str] = {}
        for code, language in FILE["languages"].items():
            for kind in KINDS:
                for each in language[kind]:
                    if country in language["countries"] or each.get("everywhere"):
                        key = words.key(each["word"])
                        assert kinds.setdefault(key, kind) == kind, (country, code, each["word"])


def test_no_standard_answer_would_be_read_as_a_keyword():
    for code in words.LANGUAGES:
        for kind in KINDS:
            match = vocabulary(None, words.LANGUAGES).find(words.reply(kind, code))
            assert match is None or not match.whole
