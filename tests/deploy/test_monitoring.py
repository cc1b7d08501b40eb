"""The rules and dashboards that are shipped, by the real promtool; and their pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from orbit.dev.stack.files import PATH
from tests.reconciler.metrics.explained import explained

ROOT = Path(__file__).resolve().parents[2]
MONITORING, RUNBOOK = ROOT / "deploy" / "monitoring", ROOT / "docs" / "runbook"
RULES = "orbit.rules.yml"
PROMTOOL = shutil.which("promtool", path=PATH)
NAME = re.compile(r"\borbit_[a-z0-9_]+")
DERIVED = re.compile(r"_(bucket|count|sum)$")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / RULES).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def dashboards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(MONITORING.glob("dashboards/*.json"))]


def queries() -> list[str]:
    """Of all panels and variables."""
    return [
        target["expr"]
        for dashboard in dashboards()
        for panel in dashboard["panels"]
        for target in panel["targets"]
    ]


def variables() -> list[str]:
    return [
        each["query"]["query"]
        for dashboard in dashboards()
        for each in dashboard["templating"]["list"]
        if isinstance(each["query"], dict)
    ]


def names() -> set[str]:
    """The metrics that rules and dashboards read, as /metrics calls them."""
    texts = [*queries(), *variables(), *(rule["expr"] for rule in rules())]
    return {DERIVED.sub("", name) for text in texts for name in NAME.findall(text)}


def promtool(*arguments: str) -> None:
    assert PROMTOOL, "promtool is not installed: run `make test`"
    done = subprocess.run(
        [PROMTOOL, *arguments], cwd=MONITORING, capture_output=True, text=True, env={"PATH": PATH}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_rules() -> None:
    promtool("check", "rules", RULES)


def test_each_alert_fires_for_its_reason_alone() -> None:
    promtool("test", "rules", "orbit.rules.test.yml")


def test_each_alert_has_a_test() -> None:
    tested = (MONITORING / "orbit.rules.test.yml").read_text()

    assert [each["alert"] for each in alerts() if each["alert"] not in tested] == []


def test_each_alert_leads_to_its_page_and_each_page_to_its_alert() -> None:
    pages = {ROOT / each["annotations"]["runbook_url"]: each["alert"] for each in alerts()}

    assert len(pages) == len(alerts())
    assert set(pages) == set(RUNBOOK.glob("*.md")) - {RUNBOOK / "README.md"}
    index = (RUNBOOK / "README.md").read_text()
    for page, alert in pages.items():
        text = page.read_text()
        assert f"[`{alert}`](../../deploy/monitoring/{RULES})" in text, page.name
        assert f"[{alert}]({page.name})" in index, page.name
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Whom it touches", "What to look at", "What to do"], page.name


def test_rules_and_dashboards_read_what_is_documented() -> None:
    assert names() - set().union(*explained()) == set()


def test_dashboards_read_no_rule_that_there_is_not() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}

    assert {
        name for text in queries() for name in re.findall(r"\borbit:[a-z0-9_:]+", text)
    } <= recorded


@pytest.mark.parametrize("path", ["orbit.rules.yml", "orbit.rules.test.yml", "prometheus.yml"])
def test_the_files_are_yaml(path: str) -> None:
    assert yaml.safe_load((MONITORING / path).read_text())
