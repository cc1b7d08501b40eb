"""`make screenshots`: the README's pictures of the console, into docs/images.

No test: pytest runs it by its path, for the servers and the browser that it has.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.admin.utils import quote

from messaging.carriers.models import CarrierTest
from messaging.credentials.models import Credential
from reconciler.models import Run
from tests.orbit.console.scenery import build

pytestmark = pytest.mark.stack

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
SIZE = {"width": 1280, "height": 860}


def drops(run: Run) -> tuple[int, int]:
    return len(run.changes), sum(change["drops_bind"] for change in run.changes)


def page_of(row) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{quote(row.pk)}/change/"


def test_pictures(sign_in) -> None:
    build(30)
    refused = Credential.objects.filter(status__bind_error__startswith="Invalid password").last()
    pictures = {
        "home": ("/admin/", "light"),
        "credential": (page_of(refused), "light"),
        "pass": (page_of(max(Run.objects.all(), key=drops)), "dark"),
        "test": (page_of(CarrierTest.objects.filter(status="delivered").first()), "dark"),
    }
    IMAGES.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page = sign_in(color_scheme=scheme, **SIZE)
        for name, (path, wanted) in pictures.items():
            if wanted == scheme:
                page.goto(path)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=IMAGES / f"{name}.png")
