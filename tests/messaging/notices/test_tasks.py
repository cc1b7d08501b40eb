"""What beat and the console's button start."""

from __future__ import annotations

from celery import current_app

from messaging.notices import channels, sources, tasks
from messaging.notices.models import NoticeRecipient

URL = "jsons://user:s3cr3t-t0ken@example.com/"


def test_a_sweep_has_a_worker_send_what_it_left(db, monkeypatch) -> None:
    queued: list[str] = []
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(tasks, "send", lambda name, **options: queued.append(name))

    tasks.sweep()

    assert queued == [tasks.deliver.name]
    assert {tasks.sweep.name, tasks.deliver.name, tasks.try_out.name} <= set(current_app.tasks)


def test_a_test_writes_down_what_came_of_it_and_takes_no_url(db, monkeypatch) -> None:
    def fail(url: str, **said: object) -> None:
        raise channels.NotTold("no answer")

    row = NoticeRecipient.objects.create(name="Ops", url=URL, scheme="jsons")
    monkeypatch.setattr(channels, "send", fail)

    tasks.try_out(row.pk)

    row.refresh_from_db()
    assert row.test_error == "no answer" and row.tested_at
