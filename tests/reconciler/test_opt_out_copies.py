"""A gateway's copy of opted-out numbers equals the list, whatever has happened to either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messaging.opt_outs import changes
from messaging.opt_outs import recent as recents
from messaging.opt_outs.models import OptOut, Source
from messaging.smpp.protocol.pdu import read, write
from orbit.accounts.models import Organization
from reconciler import opt_out_copies, opt_out_digests
from reconciler.gateway_client.operator_client import GatewayAway, OperatorClient
from reconciler.launcher.opt_outs.lists import Change, OptOuts
from reconciler.models import Gateway, Placement
from reconciler.opt_out_copies import WHOLE_EVERY, Copy
from tests.factories import make_organization
from tests.reconciler.lane_gateway import LaneGateway, lane_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

FRANCE, OTHER = "+33612345678", "+33699999999"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[LaneGateway]:
    with lane_gateway() as made:
        made.opt_outs = OptOuts(tmp_path / "opt_outs")
        yield made


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    return fake.row("deliveries", "opt_outs")


@pytest.fixture
def organization(gateway: Gateway) -> Organization:
    made = make_organization()
    Placement.objects.create(organization=made, gateway=gateway)
    return made


@pytest.fixture
def client(gateway: Gateway) -> Iterator[OperatorClient]:
    made = OperatorClient(gateway)
    yield made
    made.close()


@pytest.fixture
def refuses(fake: LaneGateway, organization: Organization) -> Callable[..., bool]:
    """Whether the gateway refuses what the organisation's platform submits."""

    def ask(number: str = FRANCE, *, source: str = "ACME") -> bool:
        fields = {"destination_addr": number, "source_addr": source}
        pdu = read(write("submit_sm", sequence=1, **fields))
        return fake.opt_outs.refuses(organization.gateway_key, pdu)

    return ask


def opt_out(organization: Organization, *numbers: str, scope: str = "organization") -> None:
    changes.add(
        OptOut(organization_id=organization.pk, number=number, scope=scope, source=Source.API)
        for number in numbers or (FRANCE,)
    )


def opt_in(organization: Organization, number: str = FRANCE) -> None:
    rows = OptOut.objects.filter(organization=organization, number=number)
    changes.remove(list(rows), source=Source.API)


def equalize(gateway: Gateway, *, turn: int = -1, whole: bool = True) -> dict[str, str]:
    """A pass; `turn` -1: one in which no list is compared as a whole."""
    rows = list(Organization.objects.filter(placement__gateway=gateway))
    if turn < 0:
        due = {opt_out_copies.zlib.crc32(each.gateway_key.encode()) % WHOLE_EVERY for each in rows}
        turn = next(n for n in range(WHOLE_EVERY) if n not in due)
    return opt_out_copies.equalize(gateway, rows, turn=turn, whole=whole)


def test_a_pass_brings_the_list_over_and_then_has_nothing_to_do(
    fake, gateway, organization, refuses
) -> None:
    opt_out(organization)

    assert equalize(gateway) == {}
    assert refuses() and not refuses(OTHER)
    assert len(fake.changes) == 1
    equalize(gateway)
    assert len(fake.changes) == 1


def test_without_opt_outs_the_gateway_is_not_asked(fake, gateway, organization) -> None:
    fake.opt_outs = None

    assert equalize(gateway) == {}


def test_a_pass_says_whose_list_it_could_not_bring(fake, gateway, organization) -> None:
    make_organization()
    opt_out(organization)
    fake.opt_outs = None

    faults = equalize(gateway)

    assert list(faults) == [organization.pk]
    assert "127.0.0.1" not in faults[organization.pk]


def test_a_list_that_differs_at_the_same_version_is_found_in_its_turn(
    fake, gateway, organization, refuses
) -> None:
    opt_out(organization)
    equalize(gateway)
    key, version = organization.gateway_key, fake.opt_outs.summary()
    number = version[key]["version"]
    wrong = Change(number, number, opt_out_digests.packed([1]), whole=True)
    fake.opt_outs.change(key, wrong)
    equalize(gateway)
    assert not refuses()

    equalize(gateway, turn=opt_out_copies.zlib.crc32(key.encode()) % WHOLE_EVERY)

    assert refuses()


def test_the_list_of_who_has_moved_away_is_emptied(fake, gateway, organization, refuses) -> None:
    opt_out(organization)
    equalize(gateway)
    other = make_organization()
    Placement.objects.create(organization=other, gateway=gateway)
    opt_out(other)
    Placement.objects.filter(organization=organization).delete()

    equalize(gateway)

    assert not refuses()


def test_an_organisations_pass_leaves_the_lists_of_others(
    fake, gateway, organization, refuses
) -> None:
    opt_out(organization)
    equalize(gateway)
    other = make_organization()
    Placement.objects.create(organization=other, gateway=gateway)
    opt_out(other)

    opt_out_copies.equalize(gateway, [Organization.objects.get(pk=other.pk)], turn=0, whole=False)

    assert refuses()


def test_pools_do_not_count_and_senders_do(gateway, organization, refuses) -> None:
    opt_out(organization, scope="ACME")
    opt_out(organization, OTHER, scope=f"pool_{'0' * 32}")

    equalize(gateway)

    assert refuses(source="ACME") and not refuses(source="OTHER")
    assert not refuses(OTHER)


def test_the_receiver_brings_what_is_new_and_nothing_else(
    fake, client, gateway, organization, refuses
) -> None:
    copy = Copy(gateway)
    opt_out(organization)
    copy.turn(client)
    copy.turn(client)
    opt_out(organization, OTHER)
    copy.turn(client)

    assert refuses() and refuses(OTHER)
    assert [(each["from"], each["whole"]) for each in fake.changes] == [(None, True), (1, False)]
    assert len(opt_out_copies.base64.b64decode(fake.changes[1]["add"])) == 24


def test_the_receiver_lets_through_who_opts_in_again(
    client, gateway, organization, refuses
) -> None:
    copy = Copy(gateway)
    opt_out(organization, FRANCE, OTHER)
    copy.turn(client)

    opt_in(organization)
    copy.turn(client)
    assert not refuses() and refuses(OTHER)

    opt_in(organization, OTHER)
    opt_out(organization)
    copy.turn(client)
    assert refuses() and not refuses(OTHER)


def test_a_receiver_and_passes_change_one_copy(
    fake, client, gateway, organization, refuses
) -> None:
    copy = Copy(gateway)
    opt_out(organization)
    copy.turn(client)
    opt_out(organization, OTHER)
    equalize(gateway)
    opt_out(organization, "+33600000001")

    with pytest.raises(GatewayAway):
        copy.turn(client)  # it has a version that the receiver does not know
    copy.turn(client)

    assert refuses() and refuses(OTHER) and refuses("+33600000001")
    fresh = Copy(gateway)
    before = len(fake.changes)
    fresh.turn(client)
    assert len(fake.changes) == before


def test_a_gateway_with_a_new_store_gets_all(
    fake, client, gateway, organization, refuses, tmp_path
) -> None:
    copy = Copy(gateway)
    opt_out(organization)
    copy.turn(client)
    fake.opt_outs = OptOuts(tmp_path / "new")
    opt_out(organization, OTHER)

    with pytest.raises(GatewayAway):
        copy.turn(client)  # it has another key
    copy.turn(client)

    assert refuses() and refuses(OTHER)


def test_much_that_is_new_is_brought_as_a_whole(
    fake, client, gateway, organization, refuses, monkeypatch
) -> None:
    monkeypatch.setattr(recents, "MOST", 2)
    copy = Copy(gateway)
    opt_out(organization)
    copy.turn(client)

    opt_out(organization, *(f"+3360000000{n}" for n in range(5)))
    copy.turn(client)

    assert all(refuses(f"+3360000000{n}") for n in range(5)) and refuses()
    assert [each["whole"] for each in fake.changes] == [True, True]


def test_a_pass_does_not_undo_what_the_receiver_brought_meanwhile(
    client, gateway, organization, refuses, monkeypatch
) -> None:
    copy = Copy(gateway)
    opt_out(organization)
    copy.turn(client)
    opt_out(organization, OTHER)
    whole = opt_out_copies._whole

    def late(*given):
        found = whole(*given)
        opt_out(organization, "+33600000001")
        monkeypatch.setattr(opt_out_copies, "_whole", whole)
        copy.turn(client)
        return found

    monkeypatch.setattr(opt_out_copies, "_whole", late)
    equalize(gateway)

    assert refuses() and refuses(OTHER) and refuses("+33600000001")


def test_a_gateway_that_is_away_gets_it_later(
    fake, client, gateway, organization, refuses, tmp_path
) -> None:
    copy = Copy(gateway)
    lists, fake.opt_outs = fake.opt_outs, None
    opt_out(organization)
    with pytest.raises(GatewayAway):
        copy.turn(client)

    fake.opt_outs = lists
    copy.turn(client)

    assert refuses()
