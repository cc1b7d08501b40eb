"""Opt-outs in the console: listed, added, taken off, imported after a look, exported."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from messaging.opt_outs import services
from messaging.opt_outs.models import OptOut, Source
from messaging.pools.models import SenderPool
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import PERSON, wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/messaging/optout/"


@pytest.fixture
def acme() -> Organization:
    return make_organization("Acme Travel")


def of(organization: Organization, button: str = "") -> str:
    return f"/admin/console/organizations/{organization.pk}/opt-outs/{button}"


def page_of(row: OptOut) -> str:
    return f"{LIST}{quote(row.pk)}/change/"


def opted_out(organization: Organization, number: str = PERSON, **fields: str) -> OptOut:
    with transaction.atomic():
        row, _ = services.add(
            by=SYSTEM, organization=organization, fields={"number": number, **fields},
            source=Source.API,
        )  # fmt: skip
    return row


def csv(text: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("people.csv", text.encode(), "text/csv")}


def test_a_number_is_added_and_said_to_be_there_already(operator, acme):
    body = {"number": "+49 1512 345667", "scope": "", "reason": "by letter"}
    for said in ("gets nothing more", "was on the list already"):
        assert said in operator.post(of(acme, "add/"), body, follow=True).text
    row = OptOut.objects.get()
    assert (row.number, row.scope, row.source, row.reason) == (
        PERSON, "organization", "console", "by letter",
    )  # fmt: skip
    assert last_event().action == "opt_out.added"
    assert PERSON[1:] not in f"{last_event().detail} {last_event().target}"


@pytest.mark.parametrize(
    "wrong", [{"number": "12"}, {"scope": "pool_" + "0" * 32}, {"reason": "x" * 201}]
)
def test_what_is_wrong_is_said_beside_the_field(operator, acme, wrong):
    answer = operator.post(of(acme, "add/"), {"number": PERSON, "scope": "", "reason": ""} | wrong)
    assert answer.status_code == 200
    assert 'class="oc-error"' in answer.text
    assert not OptOut.objects.exists()


def test_a_number_is_taken_off_with_a_reason_for_the_audit(operator, acme):
    row = opted_out(acme)
    assert operator.post(page_of(row), {"reason": ""}).status_code == 200
    assert OptOut.objects.count() == 1
    answer = operator.post(page_of(row), {"reason": "asked by letter"})
    assert answer.headers["Location"] == of(acme)
    assert not OptOut.objects.exists()
    assert (last_event().action, last_event().target) == ("opt_out.removed", row.pk)
    assert "asked by letter" in last_event().detail


def test_a_file_is_looked_at_before_it_is_imported(operator, acme):
    opted_out(acme)
    text = f"number,reason\n{PERSON},x\n+33612345678,by letter\nnobody,\n+33612345679\n"
    tried = operator.post(of(acme, "import/"), csv(text) | {"dry_run": "yes"}).text
    assert "Nothing is written yet" in tried
    assert OptOut.objects.count() == 1
    done = operator.post(of(acme, "import/"), csv(text)).text
    for said in ("The file added", "<strong>2</strong> numbers", "1 was on the list already",
                 "1 row can't be read", '<td data-label="line">4</td>'):  # fmt: skip
        assert said in done
    added = OptOut.objects.filter(source="import")
    assert set(added.values_list("number", flat=True)) == {"+33612345678", "+33612345679"}
    assert last_event().action == "opt_out.imported"


@pytest.mark.parametrize("text", ["", "a\0b", '"open', "\ud83d".encode("utf-16", "replace")])
def test_a_file_that_is_none_changes_nothing_and_says_why(operator, acme, text):
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("x.csv", data)
    answer = operator.post(of(acme, "import/"), {"file": file})
    assert answer.status_code == 200
    assert "oc-danger" in answer.text or "0</strong>" in answer.text
    assert not OptOut.objects.exists()


def test_a_file_that_is_too_large_is_refused(operator, acme, settings):
    settings.RECIPIENTS_MAX_BYTES = 10
    assert "MiB at most" in operator.post(of(acme, "import/"), csv(f"{PERSON}\n")).text
    assert not OptOut.objects.exists()


def test_an_export_is_of_one_organisation_audited_and_imported_as_it_is(operator, acme):
    opted_out(acme, reason="=1+1")
    opted_out(make_organization("Blue Bank"), "+33699999999")
    answer = operator.get(of(acme, "export/"))
    text = b"".join(answer.streaming_content).decode()
    assert PERSON in text
    assert "+33699999999" not in text
    assert last_event().action == "opt_out.exported"
    OptOut.objects.all().delete()
    assert "<strong>1</strong> number;" in operator.post(of(acme, "import/"), csv(text)).text


def test_read_only_sees_numbers_in_part_and_changes_nothing(sign_in, acme):
    client = sign_in("Read only")
    row = opted_out(acme, reason=f"wrote from {PERSON}")
    for path in (LIST, page_of(row), of(acme)):
        page = client.get(path).text
        assert PERSON[1:] not in page
        assert "Take it off" not in page
    assert "+4915…67" in client.get(LIST).text
    for path in (page_of(row), of(acme, "add/"), of(acme, "import/")):
        assert client.post(path, {"number": "+33612345678", "reason": "x"}).status_code == 403
        assert last_event().outcome == "refused"
    assert client.get(of(acme, "export/")).status_code == 403
    assert OptOut.objects.count() == 1
    assert client.get(f"{LIST}?q=%2B491512345667").context["cl"].result_count == 0


def test_it_is_found_by_its_number_its_id_and_its_organisation(operator, acme):
    row = opted_out(acme)
    opted_out(acme, "+33612345678")
    other = opted_out(make_organization("Blue Bank"))

    def found(query: str) -> set[str]:
        return {each.pk for each in operator.get(f"{LIST}?{query}").context["cl"].queryset}

    assert found("q=%2B49+151+2345667") == {row.pk, other.pk}
    assert found(f"q={row.pk}") == {row.pk}
    assert found(f"q=491512345667&organization__id__exact={acme.pk}") == {row.pk}
    assert found("source__exact=import") == set()
    page = operator.get(f"{LIST}?organization__id__exact={acme.pk}").text
    assert f'href="{of(acme)}"' in page
    assert "neither an id nor a number" in operator.get(f"{LIST}?q=hello").text


def test_the_page_leads_to_the_text_that_asked_for_it(operator, acme):
    text = wrote(acme)
    row = opted_out(acme)
    OptOut.objects.update(source="keyword", message_id=text.pk)
    page = operator.get(page_of(row)).text
    assert f'href="/admin/console/conversations/{text.pk}/"' in page
    assert "The person asked for it" in page


def test_an_opt_out_of_one_pool_leads_to_the_pool(operator, acme):
    pool = SenderPool.objects.create(organization=acme, name="Offers")
    opted_out(acme, scope=pool.pk)
    link = f'href="/admin/messaging/senderpool/{quote(pool.pk)}/change/"'
    assert link in operator.get(LIST).text
