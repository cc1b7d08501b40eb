"""The list of incidents, and the page of one."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.notices.models import Notice, NoticeSilence
from tests.orbit.console.conftest import last_event


@pytest.fixture
def notice(credential) -> Notice:
    return Notice.objects.create(
        key="bind:192.0.2.1:2775",
        kind="bind",
        what="Binds to 192.0.2.1:2775 are down",
        why="ESME_RINVPASWD",
        advice="press Push",
        path=f"/admin/messaging/credential/{credential.pk}/change/",
        touches=[[credential.organization_id, "Orange FR"]],
        since=timezone.now(),
        changes=[
            {
                "organization_id": credential.organization_id,
                "at": "03:00:00",
                "action": "credential.updated",
                "target": credential.pk,
                "actor": "ann@example.com",
            }
        ],
    )


def page_of(notice: Notice) -> str:
    return f"/admin/messaging/notice/{notice.pk}/change/"


def test_the_page_says_what_why_whom_and_what_to_do(operator, notice) -> None:
    page = operator.get(page_of(notice)).content.decode()

    for each in (notice.what, notice.why, "Orange FR", notice.advice, notice.path, "ann@example"):
        assert each in page


def test_the_list_links_to_it(operator, notice) -> None:
    assert notice.what in operator.get("/admin/messaging/notice/").content.decode()


def test_an_operator_silences_its_kind_and_the_audit_knows(operator, notice) -> None:
    answer = operator.post(f"/admin/console/notices/{notice.pk}/silence/8/")

    row = NoticeSilence.objects.get()
    assert answer.status_code == 302
    assert (row.kind, row.organization_id) == ("bind", notice.touches[0][0])
    assert last_event().action == "notices.silenced"


def test_who_only_reads_silences_nothing(sign_in, notice) -> None:
    answer = sign_in("Read only").post(f"/admin/console/notices/{notice.pk}/silence/8/")

    assert answer.status_code == 403
    assert not NoticeSilence.objects.exists()
    assert last_event().outcome == "refused"


def test_a_silence_is_of_hours_that_the_page_offers(operator, notice) -> None:
    answer = operator.post(f"/admin/console/notices/{notice.pk}/silence/8760/")

    assert answer.status_code == 404
    assert not NoticeSilence.objects.exists()
