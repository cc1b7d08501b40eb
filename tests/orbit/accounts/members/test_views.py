"""/v1/settings/members: who may invite, change and remove whom."""

from __future__ import annotations

import socket

import pytest
from django.core import mail
from django.test import Client

from orbit.accounts.models import AuditEvent, Member, User
from orbit.api import throttling
from tests.factories import PASSWORD, make_api_key, make_member, make_session, make_user
from tests.orbit.counters import Counters

pytestmark = pytest.mark.django_db

URL = "/v1/settings/members"
MAIL = "django.core.mail.backends.locmem.EmailBackend"


def signed_in(member: Member) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_session(member).access}"})


@pytest.fixture
def owner():
    return make_member()


@pytest.fixture
def client(owner) -> Client:
    return signed_in(owner)


def invite(client: Client, email: str = "grace@example.com", role: str = "developer"):
    body = {"email": email, "role": role}
    return client.post(URL, body, content_type="application/json")


def change(client: Client, member: Member, role: str):
    path = f"{URL}/{member.user_id}"
    return client.patch(path, {"role": role}, content_type="application/json")


def test_a_new_person_is_mailed_a_link_and_is_a_member(
    client, owner, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = MAIL
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(client)

    assert answer.status_code == 201
    user = User.objects.get(email="grace@example.com")
    assert answer.json()["data"]["id"] == user.pk
    assert "/password/" in mail.outbox[0].body
    assert "/password/" not in answer.text
    event = AuditEvent.objects.get(action="member.created")
    assert (event.target, event.organization_id) == ("grace@example.com", owner.organization_id)


def test_whether_they_have_an_account_already_is_not_told(
    client, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = MAIL
    known = make_user("grace@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        old, new = invite(client, "Grace@example.com"), invite(client, "new@example.com")

    assert (old.status_code, new.status_code) == (201, 201)
    assert old.json()["data"].keys() == new.json()["data"].keys()
    assert len(mail.outbox) == 2
    assert "/password/" not in mail.outbox[0].body
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("backend", "said"), [("smtp", "ConnectionRefusedError"), ("dummy", "no mail is set up")]
)
def test_a_mail_that_can_not_be_sent_stops_no_invitation_and_the_log_says_why(
    client, settings, caplog, django_capture_on_commit_callbacks, backend, said
):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    known = make_user("grace@example.com")
    with socket.socket() as closed, django_capture_on_commit_callbacks(execute=True):
        closed.bind(("127.0.0.1", 0))  # and listens to nobody
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        assert invite(client).status_code == 201

    assert Member.objects.filter(user=known).exists()
    assert f"the invitation of user {known.pk} was not mailed: {said}" in caplog.text


def test_nobody_is_a_member_twice(client):
    invite(client)
    assert invite(client).status_code == 409


def test_an_organisation_sends_strangers_only_so_many_mails(client, owner, settings, monkeypatch):
    """Inviting and removing one person again and again would fill their mailbox."""
    monkeypatch.setattr(throttling, "_spend", Counters().ask)
    settings.INVITATION_RATE_LIMIT = "2/3600"
    assert invite(client).status_code == 201
    member = Member.objects.get(user__email="grace@example.com")
    client.delete(f"{URL}/{member.user_id}")

    assert invite(client).status_code == 201
    answer = invite(client, "ada@example.com")

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert int(answer["Retry-After"]) > 0
    assert invite(signed_in(make_member())).status_code == 201, "another organisation's"


def log_in(email: str, password: str = PASSWORD, **body):
    body = {"email": email, "password": password} | body
    return Client().post("/v1/auth/login", body, content_type="application/json")


class TestInvitedFromElsewhere:
    """Nobody asked them: until they sign in here nothing changes for them."""

    @pytest.fixture
    def ada(self, client) -> Member:
        """At home in another organisation, and invited here."""
        at_home = make_member(user=make_user("ada@example.com"))
        assert invite(client, "ada@example.com").json()["data"]["accepted_at"] is None
        return at_home

    def test_they_sign_in_at_home_as_before(self, ada):
        answer = log_in("ada@example.com")
        assert answer.status_code == 200
        assert answer.json()["data"]["role"] == ada.role == "owner"

    def test_they_agree_by_signing_in_here(self, ada, owner):
        answer = log_in("ada@example.com", organization_id=owner.organization_id)

        assert answer.json()["data"]["role"] == "developer"
        assert owner.organization.members.get(user=ada.user).accepted_at is not None
        event = AuditEvent.objects.get(action="member.accepted")
        assert (event.target, event.organization_id) == ("ada@example.com", owner.organization_id)
        assert log_in("ada@example.com").status_code == 422, "now they have to say which"

    def test_their_logins_are_not_told_here(self, ada, owner):
        log_in("ada@example.com", "wrong")
        log_in("ada@example.com", "wrong", organization_id=owner.organization_id)

        events = AuditEvent.objects.filter(action="session.login_failed")
        assert {event.organization_id for event in events} == {ada.organization_id}

    def test_an_operator_stays_one(self, client):
        make_user("root@example.com", is_staff=True)
        invite(client, "root@example.com")

        assert log_in("root@example.com").json()["data"]["role"] is None


@pytest.mark.parametrize("role", ["developer", "viewer", "billing"])
def test_other_roles_neither_see_nor_change_members(owner, role):
    client = signed_in(make_member(owner.organization, role=role))
    answers = [client.get(URL), invite(client), change(client, owner, "viewer")]
    answers.append(client.delete(f"{URL}/{owner.user_id}"))
    assert [answer.status_code for answer in answers] == [403] * 4


def test_no_key_manages_members(owner):
    client = Client(headers={"X-API-Key": make_api_key(member=owner).secret})
    assert client.get(URL).status_code == 403
    assert invite(client).status_code == 403


def test_a_role_changes_at_once_and_is_audited(client, owner):
    member = make_member(owner.organization, role="developer")
    theirs = signed_in(member)

    answer = change(client, member, "viewer")

    assert answer.json()["data"]["role"] == "viewer"
    assert theirs.get("/v1/me").json()["data"]["role"] == "viewer"
    event = AuditEvent.objects.get(action="member.changed")
    assert (event.changes, event.detail) == (["role"], "developer → viewer")


def test_a_removed_member_loses_sessions_and_keys(client, owner):
    member = make_member(owner.organization, role="developer")
    theirs, key = signed_in(member), make_api_key(member=member)

    assert client.delete(f"{URL}/{member.user_id}").status_code == 204

    assert theirs.get("/v1/me").status_code == 401
    assert Client(headers={"X-API-Key": key.secret}).get("/v1/me").status_code == 401
    assert AuditEvent.objects.filter(action="member.removed").exists()


def test_an_admin_touches_no_owner_and_makes_none(owner):
    admin = make_member(owner.organization, role="admin")
    client = signed_in(admin)

    answers = [change(client, owner, "viewer"), client.delete(f"{URL}/{owner.user_id}")]
    answers += [invite(client, role="owner"), change(client, admin, "owner")]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert Member.objects.filter(organization=owner.organization, role="owner").count() == 1


def test_the_last_owner_stays(client, owner):
    assert change(client, owner, "admin").status_code == 409
    assert client.delete(f"{URL}/{owner.user_id}").status_code == 409

    make_member(owner.organization, role="owner")
    assert change(client, owner, "admin").status_code == 200


def test_members_of_others_are_not_found(client):
    other = make_member()
    for user_id in (other.user_id, "0", "9" * 30, "٣", "x", "%00"):
        assert client.delete(f"{URL}/{user_id}").status_code == 404
    assert [each["id"] for each in client.get(URL).json()["data"]] != [other.user_id]


def test_an_old_version_is_refused(client, owner):
    member = make_member(owner.organization, role="developer")
    path = f"{URL}/{member.user_id}"
    answer = client.patch(
        path, {"role": "viewer"}, content_type="application/json", headers={"If-Match": '"old"'}
    )
    assert answer.status_code == 412


def test_a_change_of_nothing_changes_nothing(client, owner):
    member = make_member(owner.organization, role="viewer")
    path = f"{URL}/{member.user_id}"

    answer = client.patch(path, {}, content_type="application/json")

    assert (answer.status_code, answer.json()["data"]["role"]) == (200, "viewer")
    assert not AuditEvent.objects.filter(action="member.changed").exists()


def test_a_role_that_they_have_already_is_no_change(client, owner):
    other = make_member(owner.organization, role="viewer")
    assert change(client, other, "viewer").status_code == 200
    assert not AuditEvent.objects.filter(action="member.changed").exists()
