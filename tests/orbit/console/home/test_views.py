"""Home and what the pages say of gateways and passes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from orbit.console.home import recent_passes
from orbit.console.home import views as home
from reconciler.models import Gateway, Run
from tests.orbit.console.conftest import last_event
from tests.orbit.console.scenery import FAULT, build

MANY_QUERIES = {
    "site": 5,
    "binds": 4,
    "passes": 4,
    "traffic": 3,
    "runs": 4,
    "inbound": 4,
    "trouble": 8 + 2 * 8,  # two for each organisation whose messages wait, of eight at most
}  # of those that look at more than one kind of thing


def test_an_empty_site_says_what_comes_first(operator):
    text = operator.get("/admin/").text
    assert "manage.py gateways add" in text
    assert "Nothing: every credential" in text


def test_gateways_say_why_they_are_down_and_how_old_the_last_pass_is(operator):
    build(8)
    Gateway.objects.filter(name="main").update(last_pass_at=timezone.now() - timedelta(hours=3))
    text = operator.get("/admin/").text
    assert "no longer consumes its queues" in text
    assert "0.11.0" in text
    assert ">3 h</time> ago" in text
    assert ">late<" in text


def test_what_the_last_pass_could_not_do_stands_beside_a_gateway_that_is_up(operator):
    build(8)
    text = operator.get("/admin/").text
    assert FAULT in text
    assert "not all as wanted" in text

    Gateway.objects.filter(name="main").update(faults=[])
    assert "not all as wanted" not in operator.get("/admin/").text


def test_no_failed_pass_is_without_its_error(operator):
    build(8)
    run = Run.objects.filter(state="failed").first()
    Run.objects.filter(pk=run.pk).update(error=FAULT, changes=[])
    page = operator.get("/admin/reconciler/run/?state__exact=failed").text
    assert FAULT in re.sub("<[^>]*>", "", page)


def test_a_part_refreshes_itself_by_a_fragment(operator):
    build(8)
    fragment = operator.get("/admin/console/home/trouble/").text
    assert 'hx-get="/admin/console/home/trouble/"' in fragment
    assert "<html" not in fragment
    assert "connection refused" in fragment


def test_each_part_is_for_those_who_may_look_at_what_it_shows(sign_in):
    build(8)
    assert sign_in("Read only").get("/admin/console/home/nothing/").status_code == 404
    nobody = sign_in("Read only")
    nobody.person.groups.clear()
    for part in home.PARTS:
        path = f"/admin/console/home/{part.name}/"
        assert nobody.get(path).status_code == 403
        assert path not in nobody.get("/admin/").text


@pytest.mark.parametrize("rows", [0, 10, 120])
def test_a_part_takes_few_queries_whatever_is_in_it(sign_in, rows, django_assert_max_num_queries):
    build(rows)
    reader = sign_in("Read only").person
    for part in home.PARTS:
        assert reader.has_perm(part.permission)  # read once a request, before any part
        most = MANY_QUERIES.get(part.name, 2)
        with django_assert_max_num_queries(most, info=part.name):
            render_to_string(part.template, {"part": part, "user": reader, **part.read()})


def test_a_pass_reads_as_a_plan(operator):
    build(8)
    run = Run.objects.order_by("started_at").first()
    text = operator.get(f"/admin/reconciler/run/{run.pk}/change/").text
    for said in ("replace", "differs", "2775 → 2776", "differs", "Orange FR 1"):
        assert said in text
    assert "drops a live bind" in text


def test_secrets_of_a_gateway_can_be_set_and_are_never_shown(administrator):
    build(0)
    gateway = Gateway.objects.get(name="main")
    Gateway.objects.filter(pk=gateway.pk).update(amqp_url="amqp://user:r4bbit@127.0.0.1/")
    path = f"/admin/reconciler/gateway/{gateway.pk}/change/"
    text = administrator.get(path).text
    assert "hidden!!" not in text
    assert "r4bbit" not in text
    form = {
        "name": "main", "jcli_host": "127.0.0.1", "jcli_port": 8990, "jcli_username": "jcliadmin",
        "jcli_password": "", "http_url": "http://127.0.0.1:1401", "amqp_url": "", "enabled": "on",
        "smpp_host": "", "smpp_port": 2775,
    }  # fmt: skip
    assert administrator.post(path, form | {"jcli_port": 8991}).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.jcli_port, gateway.jcli_password) == (8991, "hidden!!")
    assert gateway.amqp_url == "amqp://user:r4bbit@127.0.0.1/"
    assert (last_event().action, last_event().changes) == ("gateway.updated", ["jcli_port"])


def test_operators_who_may_not_change_a_gateway_see_none_of_its_secrets(operator):
    build(0)
    gateway = Gateway.objects.get(name="main")
    answer = operator.get(f"/admin/reconciler/gateway/{gateway.pk}/change/")
    assert answer.status_code == 200
    assert "hidden!!" not in answer.text


def test_of_very_many_passes_the_newest_are_counted(operator, monkeypatch):
    monkeypatch.setattr(recent_passes, "MOST", 3)
    gateway = Gateway.objects.create(name="main", jcli_host="127.0.0.1", http_url="http://h:1")
    for _ in range(5):
        Run.objects.create(gateway=gateway, trigger="beat", started_at=timezone.now())
    answer = operator.get("/admin/console/home/runs/")
    assert [(each["state"], each["count"]) for each in answer.context["run_counts"]] == [
        ("running", 3)
    ]
    assert "of the newest 3" in answer.text
    Run.objects.all()[:1].get().delete()
    Run.objects.all()[:1].get().delete()
    assert "of the newest" not in operator.get("/admin/console/home/runs/").text
