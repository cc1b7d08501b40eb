"""/v1/opt-outs/near-misses."""

from __future__ import annotations

import pytest

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from tests.factories import make_organization
from tests.messaging.callers import audited, data, refusal
from tests.messaging.inbound.conftest import PHONE, SHORT_CODE
from tests.messaging.opt_out_texts.conftest import listed
from tests.messaging.opt_outs.conftest import Api
from tests.openapi import check_answer

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

URL = "/near-misses"


def test_a_person_sees_the_text_and_decides(organization, write):
    text = write("STOP 4711")
    api = Api(organization)

    (shown,) = data(api.get(URL))
    check_answer("NearMiss", shown)
    assert (shown["message_id"], shown["word"]) == (text.pk, "STOP")
    assert (shown["from"], shown["to"]) == (f"+{PHONE}", SHORT_CODE)
    assert (shown["body"], shown["decision"]) == ("STOP 4711", None)

    decided = data(api.post(f"{URL}/{text.pk}", {"decision": "opt_out"}))
    assert decided["decision"] == "opt_out"
    assert listed() == [(f"+{PHONE}", "organization")]
    assert data(api.get(URL)) == []
    assert len(data(api.get(f"{URL}?state=decided"))) == 1
    assert {row.action for row in audited("")} >= {"near_miss.decided", "opt_out.added"}
    refusal(api.post(f"{URL}/{text.pk}", {"decision": "dismiss"}), 409, "INVALID_STATE")


def test_what_is_dismissed_opts_nobody_out(organization, write):
    text = write("please don't stop sending")
    api = Api(organization)
    data(api.post(f"{URL}/{text.pk}", {"decision": "dismiss"}))
    assert listed() == []
    assert NearMiss.objects.get().decision == "dismiss"


def test_texts_are_shown_to_whom_may_read_them(organization, write):
    text = write("STOP 4711")
    api = Api(organization, scopes=["opt_outs:read"])

    (shown,) = data(api.get(URL))
    assert (shown["body"], shown["from"], shown["word"]) == (None, None, "STOP")
    answer = api.post(f"{URL}/{text.pk}", {"decision": "dismiss"})
    refusal(answer, 403, "INSUFFICIENT_PERMISSIONS")


def test_others_have_none_of_it(write):
    text = write("STOP 4711")
    stranger = Api(make_organization())
    assert data(stranger.get(URL)) == []
    for message_id in (text.pk, "msg_1", f"msg_{'0' * 32}"):
        answer = stranger.post(f"{URL}/{message_id}", {"decision": "dismiss"})
        refusal(answer, 404, "NOT_FOUND")


def test_of_a_text_that_was_deleted_nobody_is_opted_out_and_it_can_be_dismissed(
    organization, write
):
    text = write("STOP 4711")
    api = Api(organization)
    InboundMessage.objects.filter(pk=text.pk).delete()

    refusal(api.post(f"{URL}/{text.pk}", {"decision": "opt_out"}), 409, "INVALID_STATE")
    assert (listed(), NearMiss.objects.get().decision) == ([], "")
    data(api.post(f"{URL}/{text.pk}", {"decision": "dismiss"}))
    assert NearMiss.objects.get().decision == "dismiss"
