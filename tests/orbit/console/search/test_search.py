"""The search box: numbers in any spelling, carriers' message ids, names and hosts."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from messaging.own_numbers.models import OwnNumber
from messaging.receipts.models import Part, StrayKey, StrayKind, StrayReceipt
from messaging.smpp.protocol.message_ids import FORMATS, id_keys
from orbit.accounts.models import Organization
from orbit.console.links import address
from orbit.console.search.values import SHOWN
from reconciler.models import Gateway
from tests.factories import make_member, make_user
from tests.orbit.console.traffic import made_at

SEARCH = "/admin/console/search/"
NUMBER = "+33612345678"
SPELLINGS = ("+33612345678", "0033612345678", "33612345678", "+33 6 12 34 56 78", "0612345678",
             "+33 (6) 12-34.56/78", "06 12 34 56 78", "\u202a+33612345678\u202c",
             "+33 ６１２３４ 5678")  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(scope="module", autouse=True)
def _scenery(build_once) -> None:
    build_once(8)


@pytest.fixture
def message() -> Message:
    """To a number that no other message went to."""
    row = Message.objects.filter(status="delivered").last()
    row.pk, row.to, row.campaign = made_at("msg", timezone.now()), NUMBER, None
    row.save(force_insert=True)
    return row


def groups(client: Client, term: str) -> dict[str, list[str]]:
    """The names of what was found, by the title of its kind."""
    answer = client.get(SEARCH, {"q": term})
    assert answer.status_code == 200
    return {each.title: [str(row.name) for row in each.rows] for each in answer.context["groups"]}


def give_id(message: Message, carrier_id: str, key: str) -> None:
    Part.objects.create(
        owner=message.pk, attempt=1, number=0, of=1, account="a" * 32, status=0,
        carrier_id=carrier_id, id_key=key, answered_at=timezone.now(),
    )  # fmt: skip


def stray(carrier_id: str, kind: StrayKind) -> StrayReceipt:
    row = StrayReceipt.objects.create(
        organization=Organization.objects.first(), account="a" * 32, kind=kind, ids=[carrier_id],
        word="DELIVRD", raw="00", log="l", number=1, received_at=timezone.now(),
    )  # fmt: skip
    for key in id_keys(carrier_id, FORMATS[0]):
        StrayKey.objects.create(receipt=row, account=row.account, key=key)
    return row


@pytest.mark.parametrize("term", SPELLINGS)
def test_a_number_is_found_in_any_spelling(operator, message, term):
    (found,) = groups(operator, term)["Messages to it"]
    assert address(message) in found and NUMBER in found


def test_a_number_is_found_where_numbers_are_encrypted(operator, message, settings):
    settings.ENCRYPT_MESSAGES, settings.NUMBER_DIGEST_KEYS = True, ["d" * 40]
    message.save()
    (found,) = groups(operator, NUMBER)["Messages to it"]
    assert address(message) in found


def test_texts_opt_outs_and_the_numbers_of_organisations_are_found_too(operator):
    number = OwnNumber.objects.filter(number__startswith="+").first()
    assert address(number) in groups(operator, number.number)["Numbers of organisations"][0]
    short = OwnNumber.objects.exclude(number__startswith="+").first()
    assert address(short) in groups(operator, short.number)["Numbers of organisations"][0]
    found = groups(operator, "+33600000000")
    assert found["Texts from it"] and found["Opt-outs"]


def test_a_role_without_numbers_finds_none_and_is_told_so(sign_in, message):
    client = sign_in("Read only")
    assert "Messages to it" not in groups(client, NUMBER)
    assert "Your role sees numbers in part" in client.get(SEARCH, {"q": NUMBER}).text


def test_a_role_without_numbers_sees_those_that_it_finds_in_part(sign_in, message):
    give_id(message, "000042AB", "42AB")
    text = sign_in("Read only").get(SEARCH, {"q": "42ab"}).text
    assert address(message) in text
    assert NUMBER not in text


@pytest.mark.parametrize(
    ("answered", "key", "terms"),
    [
        ("0000000042", "42", ["0000000042", "00000042", "042"]),
        ("0xAB12CD", "AB12CD", ["ab12cd", "0xAB12CD", "AB12CD", str(0xAB12CD)]),
        ("11211469", "11211469", ["11211469", f"{11211469:x}", f"0x{11211469:X}"]),
        ("a1b2-c3:d4", "A1B2-C3:D4", ["a1b2-c3:d4"]),
    ],
)
def test_a_carriers_message_id_is_found_in_each_spelling(operator, message, answered, key, terms):
    give_id(message, answered, key)
    for term in terms:
        (found,) = groups(operator, term)["Messages with this id of a carrier"]
        assert address(message) in found, term


def test_a_receipt_that_matched_no_message_is_found_by_its_id(operator):
    row = stray("00AB12", StrayKind.UNMATCHED)
    early = stray("00AB12", StrayKind.EARLY)
    title = "Receipts with this id that matched no message"

    for term in ("00ab12", "AB12", "0xAB12"):
        (found,) = groups(operator, term)[title]
        assert address(row) in found, term
        assert address(early) not in found, term
    assert operator.get(address(row)).status_code == 200
    assert title not in groups(operator, "00AB13")


def test_a_system_id_a_host_and_names_are_found(operator):
    credential = Credential.objects.last()
    Credential.objects.filter(pk=credential.pk).update(
        backups=[{"host": "spare.example.org", "port": 2775}]
    )
    for term in (credential.system_id, credential.host, credential.name, "spare.example"):
        assert any(address(credential) in each for each in groups(operator, term)["Credentials"])
    for term, title, row in (
        ("blue", "Organisations", Organization.objects.get(name="Blue Bank")),
        ("orange", "Carriers", Carrier.objects.filter(name__startswith="Orange").first()),
        ("back", "Gateways", Gateway.objects.get(name="backup")),
    ):
        assert any(address(row) in each for each in groups(operator, term)[title]), term


def test_each_kind_is_bounded_and_leads_to_the_whole_list(operator, message):
    for place in range(SHOWN + 1):
        message.pk = made_at("msg", timezone.now())[:-4] + f"{place:04x}"
        message.save(force_insert=True)

    answer = operator.get(SEARCH, {"q": NUMBER})

    (group,) = [each for each in answer.context["groups"] if each.title == "Messages to it"]
    assert len(group.rows) == SHOWN and group.is_cut
    assert operator.get(group.more_url).context["cl"].result_count == SHOWN + 2


def test_the_path_of_a_webhook_is_found_by_those_alone_who_may_see_it(sign_in, operator):
    assert "Webhooks" in groups(operator, "hooks")
    assert "Webhooks" not in groups(sign_in("Read only"), "hooks")


@pytest.mark.parametrize("term", ["", " ", "\0", "%", "x" * 5000, "+", "0", "'", "+999", "1e9"])
def test_an_odd_term_finds_nothing_and_breaks_nothing(operator, term):
    assert operator.get(SEARCH, {"q": term}).status_code == 200


def test_all_kinds_together_take_few_queries(operator):
    with CaptureQueriesContext(connection) as captured:
        operator.get(SEARCH, {"q": "0612345678"})
    assert len(captured) < 36


def test_every_page_has_the_box(operator):
    for path in ("/admin/", "/admin/messaging/message/", "/admin/console/usage/", SEARCH,
                 address(Credential.objects.first())):  # fmt: skip
        assert f'action="{SEARCH}"' in operator.get(path).text


def test_a_member_is_found_by_an_address_and_not_by_a_name(sign_in):
    make_member(Organization.objects.first(), user=make_user("grace@example.com"))
    client = sign_in("Admin")
    assert "grace@example.com" in str(groups(client, "Grace@Example")["Members"])
    assert "Members" not in groups(client, "grace")
