"""Texts of phones that opt out, opt in or ask for help."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.inbound.arrival import Arrival
from messaging.inbound.models import InboundMessage
from messaging.inbound.parts import Told
from messaging.messages.dispatch import run
from messaging.messages.models import Message
from messaging.opt_out_texts import reading, services
from messaging.opt_out_texts.models import Decision, NearMiss
from messaging.opt_outs.models import OptOut, OptOutSettings
from messaging.webhooks.models import Event
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import AuditEvent, Organization
from orbit.api.errors import ApiError
from tests.messaging.inbound.conftest import OTHER_PHONE, PHONE, SHORT_CODE
from tests.messaging.messages.dispatch.conftest import make_pool
from tests.messaging.opt_out_texts.conftest import answers, listed

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("still")]

ME, OTHER = f"+{PHONE}", f"+{OTHER_PHONE}"


def settings_of(organization: Organization, **fields) -> None:
    OptOutSettings.objects.create(organization=organization, **fields)


def events() -> list[tuple[str, dict]]:
    rows = Event.objects.filter(type__startswith="contact.").order_by("pk")
    return [(each.type, json.loads(each.body)["data"]) for each in rows]


class TestStop:
    def test_the_state_is_first_and_one_confirmation_passes_the_gate(
        self, organization, write, number, fake, webhook
    ):
        number()
        text = write(" Stop.\n")

        row = OptOut.objects.get()
        assert (row.number, row.scope, row.source) == (ME, "organization", "keyword")
        assert (row.message_id, row.reason) == (text.pk, "STOP")
        assert (text.keyword, text.answer_id) == ("STOP", Message.objects.get().pk)
        assert answers()[0][0] == ME
        assert "START" in answers()[0][1]
        assert "désinscrit" in answers()[0][1]  # of France
        assert events() == [
            (
                "contact.opted_out",
                {
                    "number": ME, "scope": "organization", "source": "keyword",
                    "opt_out_id": row.pk, "message_id": text.pk,
                },
            )
        ]  # fmt: skip
        assert Organization.objects.get(pk=organization.pk).opt_outs == 1

        run.dispatch(organization.pk)
        assert [(each["to"], each["sender"]) for each in fake.asked] == [(ME, SHORT_CODE)]

    def test_it_is_confirmed_once_a_day_from_each_number(self, write, number):
        number()
        number("+33700000001")
        for text in ("stop", "STOPALL", "arrêt", "please stop"):
            write(text)
        assert len(answers()) == 1
        write(destination="33700000001", dest_addr_ton=1)
        assert len(answers()) == 2
        write(source=OTHER_PHONE)
        assert len(answers()) == 3

        with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
            write()
        assert len(answers()) == 4

    def test_it_counts_where_nothing_else_does(self, write, number):
        """To no number of theirs; to one with a keyword for it; from a national number."""
        write(source="0612345678", source_addr_ton=2)
        assert listed() == [(ME, "organization")]
        assert answers() == []  # nobody knows whether that number may send

        number(keywords=[{"word": "Stop", "answer": "You can't."}], default_answer="Hello.")
        text = write(source=OTHER_PHONE)
        assert listed() == [(ME, "organization"), (OTHER, "organization")]
        assert text.keyword == "Stop"
        assert [body for _, body in answers()] != ["You can't."]
        assert len(answers()) == 1

    def test_texts_of_one_page_count_in_their_order(self, log, number):
        number()
        for body in (b"stop", b"start", b"stop", b"start"):
            log.deliver(body, source=PHONE, destination=SHORT_CODE, source_addr_ton=1)
        for body in (b"start", b"stop"):
            log.deliver(body, source=OTHER_PHONE, destination=SHORT_CODE, source_addr_ton=1)
        log.take()

        assert listed() == [(OTHER, "organization")]

    def test_what_is_no_number_and_what_is_not_whole_opts_nobody_out(self, log, write, number):
        number()
        write(source="ACME", source_addr_ton=5)
        write(source="36000", source_addr_ton=3)
        log.deliver(b"stop", source=PHONE, destination=SHORT_CODE, data_coding=4)
        log.take()

        assert listed() == []

    def test_the_audit_has_no_row_of_what_phones_do(self, write, number):
        number()
        write()
        assert not AuditEvent.objects.filter(action__startswith="opt_out").exists()


class TestScopes:
    def test_the_sender_that_was_written_to(self, organization, write, number):
        settings_of(organization, scope="sender")
        number()
        write()
        assert listed() == [(ME, SHORT_CODE)]

    def test_the_pools_of_it(self, organization, write, number):
        settings_of(organization, scope="pool")
        first, second = (make_pool(organization, "+33700000001") for _ in range(2))
        make_pool(organization, "+33700000002")
        write(destination="33700000001", dest_addr_ton=1)
        assert listed() == sorted([(ME, first.pk), (ME, second.pk)])

        write(source=OTHER_PHONE)  # to a number of no pool
        assert (OTHER, "organization") in listed()

    def test_start_undoes_what_keeps_this_sender_away_and_nothing_else(
        self, organization, write, number
    ):
        number()
        for scope in ("organization", SHORT_CODE, "ACME"):
            OptOut.objects.create(
                organization=organization, number=ME, scope=scope, source="import"
            )
        write("start")
        assert listed() == [(ME, "ACME")]


class TestStartAndHelp:
    def test_start_opts_in_and_is_confirmed(self, organization, write, number, webhook):
        number(default_answer="Hello.")
        write()
        text = write("Unstop")

        assert listed() == []
        assert len(answers()) == 2
        assert "STOP" in answers()[1][1]
        (_, told) = events()[-1]
        assert events()[-1][0] == "contact.opted_in"
        assert (told["source"], told["message_id"]) == ("keyword", text.pk)
        assert Organization.objects.get(pk=organization.pk).opt_outs == 2

    def test_what_confirms_start_does_not_leave_after_the_next_stop(
        self, organization, write, number, fake
    ):
        number()
        for text in ("stop", "start", "stop"):
            write(text)
        run.dispatch(organization.pk)

        assert len(answers()) == 2
        assert [each["to"] for each in fake.asked] == [ME]
        assert Message.objects.latest("pk").error_code == "OPTED_OUT"

    def test_start_of_somebody_who_has_not_opted_out_is_a_text_like_others(self, write, number):
        number(default_answer="Hello.")
        text = write("start")
        assert (text.keyword, answers()) == ("", [(ME, "Hello.")])

    def test_help_is_answered_also_to_who_has_opted_out(self, write, number):
        number()
        write()
        write("help")
        write("HELP!")
        assert len(answers()) == 2
        assert listed() == [(ME, "organization")]

    def test_a_keyword_of_the_number_goes_before_help_and_everyday_words(self, write, number):
        words = [{"word": "Info", "answer": "We are here."}, {"word": "CANCEL", "answer": "Done."}]
        number(keywords=words)
        write("info")
        write("cancel", source=OTHER_PHONE)
        assert answers() == [(ME, "We are here."), (OTHER, "Done.")]
        assert listed() == []


class TestNearMisses:
    def test_they_change_nothing_and_wait_for_a_person(self, write, number):
        number(default_answer="Hello.")
        texts = [write("please don't stop sending"), write("STOP 4711", source=OTHER_PHONE)]
        write("hello")

        assert listed() == []
        assert set(NearMiss.objects.values_list("message_id", "word", "decision")) == {
            (each.pk, "STOP", "") for each in texts
        }
        assert len(answers()) == 2  # as any text is

    def test_a_stop_of_a_number_that_nobody_can_place_is_not_lost(self, organization, write):
        text = write(source="4155552671", source_addr_ton=3)
        write("start", source="4155552671", source_addr_ton=3)
        write(source="36000", source_addr_ton=3)

        row = NearMiss.objects.get()
        assert (row.message_id, text.from_is_e164, listed()) == (text.pk, False, [])
        decision = {"by": SYSTEM, "organization": organization, "row": row}
        with pytest.raises(ApiError, match=r"no number in E\.164"):
            services.decide(decision=Decision.OPT_OUT, **decision)
        services.decide(decision=Decision.DISMISS, **decision)

    def test_a_stop_in_a_text_with_missing_parts_waits_for_a_person(self, organization):
        text = InboundMessage(
            organization=organization, sender=ME, receiver=SHORT_CODE, from_is_e164=True,
            body="STOP …", charset="gsm7", segments=2, complete=False,
        )  # fmt: skip
        assert reading.read([Arrival(text, Told([]))]) == set()
        assert NearMiss.objects.get().message_id == text.pk
        assert listed() == []


class TestSettings:
    def test_texts_are_not_read_where_that_is_switched_off(self, organization, write, number):
        settings_of(organization, enabled=False)
        number(default_answer="Hello.")
        write()
        assert (listed(), answers()) == ([], [(ME, "Hello.")])

    def test_own_words_and_own_answers(self, organization, write, number):
        pool = make_pool(organization, "+33700000001")
        settings_of(
            organization,
            keywords={"stop": ["No More"]},
            pools={pool.pk: {"stop": ["Genug"]}},
            replies={"stop": "Bye."},
            replies_by_language={"fr": {"stop": "Adieu."}},
        )
        number()
        number("+33700000001")
        write("genug")
        assert listed() == []
        write("no, more!")
        assert answers() == [(ME, "Adieu.")]
        write("genug", source="14155552671", destination="33700000001", dest_addr_ton=1)
        assert answers()[1] == ("+14155552671", "Bye.")
