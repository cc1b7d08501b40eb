"""What a text is: its words, its numbers, what it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import Message
from messaging.receipts import ingest
from tests.factories import make_organization
from tests.messaging.inbound.conftest import PHONE, SHORT_CODE, UDHI, bodies, part, told
from tests.messaging.messages.conftest import make_carrier, make_message
from tests.messaging.receipts.conftest import Log

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("octets", "data_coding", "body", "charset"),
    [
        ("0500401b65", 0, "é@¡€", "gsm7"),
        ("41e9", 3, "Aé", "latin1"),
        ("4142", 1, "AB", "ascii"),
        ("41e9", 1, "A\ufffd", "ascii"),
        ("d83dde00", 8, "😀", "ucs2"),
        ("d83d", 8, "\ufffd", "ucs2"),
        ("004100", 8, "A\ufffd", "ucs2"),
        ("feff0041", 8, "A", "ucs2"),
        ("00410000", 8, "A", "ucs2"),
        ("0041000000420000", 8, "A\ufffdB", "ucs2"),
        ("41", 0xF1, "A", "gsm7"),
        ("0041", 0x18, "A", "ucs2"),
        ("00ff", 4, "00ff", "binary"),
        ("00ff", 2, "00ff", "binary"),
        ("00ff", 0xF5, "00ff", "binary"),
        ("b4d1", 6, "Дб", "iso-8859-5"),
        ("e0", 7, "א", "iso-8859-8"),
        ("c7d1b1db", 14, "한글", "ks_c_5601"),
        ("82a0", 5, "あ", "jis"),
        ("41", 0x0F, "A", "gsm7"),
        ("", 0, "", "gsm7"),
        ("", 8, "", "ucs2"),
    ],
)
def test_octets_are_text_as_data_coding_says(text, webhook, octets, data_coding, body, charset):
    message = text(bytes.fromhex(octets), data_coding=data_coding)

    assert (message.body, message.charset) == (body, charset)
    assert InboundPdu.objects.get().octets == octets
    assert [each["body"] for each in told()] == [body]


def test_no_data_coding_is_too_odd(log):
    octets = bytes(range(0, 256, 5))
    for data_coding in range(256):
        log.deliver(octets, data_coding=data_coding, source=f"336{data_coding:08}")
    log.take()

    assert set(InboundPdu.objects.values_list("octets", flat=True)) == {octets.hex()}
    assert InboundMessage.objects.count() == 256
    assert not [body for body in bodies() if "\0" in body]


@pytest.mark.parametrize(
    ("charset", "octets", "body"),
    [
        ("gsm7", "00e9", "@\ufffd"),
        ("latin1", "40e9", "@é"),
        ("ucs2", "00e9", "é"),
        ("ascii", "40e9", "@\ufffd"),
    ],
)
def test_the_default_alphabet_is_the_credentials(text, charset, octets, body):
    Credential.objects.update(inbound_charset=charset)

    message = text(bytes.fromhex(octets))

    assert (message.body, message.charset) == (body, charset)
    assert text(b"\x00", data_coding=0xF1).body == "@"  # GSM's own, whatever the default


def test_an_octet_too_many_puts_nothing_else_out_of_step(log):
    log.deliver(part("ab".encode("utf-16-be") + b"\0", 1, 2), esm_class=UDHI, data_coding=8)
    log.deliver(part("cd".encode("utf-16-be"), 2, 2), esm_class=UDHI, data_coding=8)
    log.take()

    assert bodies() == ["ab\ufffdcd"]


@pytest.mark.parametrize(
    ("source", "ton", "countries", "sender", "is_e164"),
    [
        ("33612345678", 1, ["FR"], "+33612345678", True),
        ("33612345678", 0, ["*"], "+33612345678", True),
        ("+33612345678", 0, ["*"], "+33612345678", True),
        ("0033612345678", 1, ["*"], "+33612345678", True),
        ("0612345678", 2, ["FR"], "+33612345678", True),
        ("612345678", 2, ["FR"], "+33612345678", True),
        ("0612345678", 0, ["FR", "BE"], "+33612345678", True),
        ("0612345678", 1, ["FR"], "+33612345678", True),
        ("0612345678", 2, ["*"], "0612345678", False),
        ("4155552671", 0, ["US"], "+14155552671", True),
        ("36000", 3, ["FR"], "36000", False),
        ("36000", 1, ["FR"], "36000", False),
        ("36000", 2, ["DE"], "36000", False),
        ("33612345678", 3, ["FR"], "33612345678", False),
        ("ACME", 5, ["FR"], "ACME", False),
        ("", 0, ["FR"], "", False),
        ("+", 0, ["FR"], "+", False),
        ("999999999999999", 1, ["FR"], "999999999999999", False),
        ("33612345678", 7, ["FR"], "+33612345678", True),
    ],
)
def test_a_sender_is_read_by_its_type_and_digits(text, source, ton, countries, sender, is_e164):
    Carrier.objects.update(countries=countries)

    message = text(source=source, source_addr_ton=ton, source_addr_npi=1)

    assert (message.sender, message.from_is_e164) == (sender, is_e164)


def test_a_national_sender_is_read_in_the_country_of_the_number_if_no_other_is_known(text, number):
    Carrier.objects.update(countries=["*"])
    number("+33700000001")

    message = text(
        source="0612345678", source_addr_ton=2, destination="33700000001", dest_addr_ton=1
    )

    assert (message.sender, message.receiver) == ("+33612345678", "+33700000001")


def test_a_receiver_reads_by_the_countries_of_its_account(text, log, organization):
    sibling = Credential.objects.get()
    sibling.pk, sibling.gateway_key, sibling.bind_type = "cred_" + "1" * 32, "obsibling", "receiver"
    sibling.save(force_insert=True)
    Carrier.objects.update(countries=["FR"])
    log.cid = "obsibling"

    assert text(source="0612345678", source_addr_ton=2).sender == "+33612345678"


class TestReplies:
    def sent(self, organization, **fields) -> Message:
        fields = {"to": f"+{PHONE}", "sender": SHORT_CODE, "status": "delivered"} | fields
        return make_message(organization, **fields)

    def test_it_answers_our_last_message_from_that_number(self, text, organization):
        self.sent(organization)
        last = self.sent(organization)
        self.sent(organization, sender="OTHER")
        self.sent(organization, to="+33699999999")
        self.sent(organization, status="failed")
        self.sent(make_organization())

        assert text().in_reply_to == last.pk

    @pytest.mark.parametrize(("hours", "is_reply"), [(71, True), (73, False)])
    def test_within_three_days(self, text, organization, hours, is_reply):
        self.sent(organization, created_at=timezone.now() - timedelta(hours=hours))

        assert bool(text().in_reply_to) is is_reply

    def test_a_message_that_was_sent_after_it_is_none(self, log, organization):
        """The text was in the log while the site was down."""
        log.deliver(b"hi", source=PHONE, destination=SHORT_CODE)
        log.written[-1]["at"] -= 3600
        self.sent(organization)
        log.take()

        assert InboundMessage.objects.get().in_reply_to == ""

    def test_no_number_costs_more_for_getting_more(self, text, organization):
        first = self.sent(organization)
        for _ in range(60):
            self.sent(organization, sender="OTHER")

        assert text().in_reply_to != first.pk  # it is not looked for without end


def test_a_page_is_a_few_statements_however_many_texts_it_has(log, organization, number, webhook):
    number()

    def statements(texts: int) -> int:
        for n in range(texts):
            log.deliver(b"hi", source=f"336{n:08}", destination=SHORT_CODE, source_addr_ton=1)
            log.deliver(
                part(b"a", 1 + n % 2, 2, reference=n // 2), source=PHONE, esm_class=UDHI,
                destination=SHORT_CODE, source_addr_ton=1,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            log.take()
        if connection.vendor != "postgresql":  # replies are looked for one by one there
            return len([each for each in captured if "messaging_message" not in each["sql"]])
        return len(captured)

    statements(2)
    assert statements(100) <= statements(10) + 2


def test_two_organisations_with_one_number_see_their_own_texts(log, organization, number, webhook):
    other = make_organization()
    theirs = Log(make_carrier(other).credential)
    theirs.account = "account-of-the-other"
    number()
    for each, octets in ((log, b"ours"), (theirs, b"theirs")):
        each.deliver(octets, source=PHONE, destination=SHORT_CODE)
        each.deliver(part(b"a", 1, 2), source=PHONE, destination=SHORT_CODE, esm_class=UDHI)
    log.take()
    ingest.take(theirs.written, log="log-2")

    found = {each.organization_id: each for each in InboundMessage.objects.all()}
    assert {pk: each.body for pk, each in found.items()} == {
        organization.pk: "ours",
        other.pk: "theirs",
    }
    assert found[other.pk].number_id is None
    assert [each["body"] for each in told()] == ["ours"]
    assert bodies() == ["ours", "theirs"]


def test_a_text_of_a_credential_that_is_gone_is_the_organisations_still(text, log, organization):
    text(b"before")
    log.cid = "obgone"

    message = text(b"after")

    assert (message.body, message.organization_id) == ("after", organization.pk)
