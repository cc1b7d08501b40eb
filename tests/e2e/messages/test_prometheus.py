"""A real Prometheus reads a site and its gateway, and answers what the dashboards ask."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest

from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.files import PATH
from tests.deploy import test_monitoring as shipped
from tests.e2e.messages.conftest import World
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.site import METRICS_TOKEN, Site

pytestmark = pytest.mark.stack

Ask = Callable[..., Any]


@pytest.fixture
def ask(site: Site, jasmin: Jasmin, stack: Stack, tmp_path: Path) -> Iterator[Ask]:
    """`ask("query", query=…)`: what the Prometheus answers."""
    program = shutil.which("prometheus", path=PATH)
    assert program, "prometheus is not installed: run `make test`"
    port = stack.reserve_port()
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(json.dumps(_configuration(site, jasmin)))
    process = subprocess.Popen(
        [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ],
        env={"PATH": PATH},
        cwd=tmp_path,
    )
    browser = build_opener(ProxyHandler({}))

    def answer(what: str, **values: str) -> Any:
        address = f"http://127.0.0.1:{port}/api/v1/{what}?{urlencode(values)}"
        with browser.open(address, timeout=30) as response:
            found = json.load(response)
        assert found["status"] == "success", found
        return found["data"]

    yield answer
    process.kill()
    process.wait()


def _configuration(site: Site, jasmin: Jasmin) -> dict[str, Any]:
    """JSON is YAML, too."""
    operator = {"username": jasmin.jcli_username, "password": jasmin.jcli_password}
    return {
        "global": {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"},
        "rule_files": [str(shipped.MONITORING / shipped.RULES)],
        "scrape_configs": [
            {
                "job_name": "orbit",
                "authorization": {"credentials": METRICS_TOKEN},
                "static_configs": [{"targets": [site.base_url.removeprefix("http://")]}],
            },
            {
                "job_name": "orbit-gateway",
                "metrics_path": "/lane/metrics",
                "basic_auth": operator,
                "static_configs": [{"targets": [jasmin.http_url.removeprefix("http://")]}],
            },
        ],
    }


def test_dashboards_and_rules_are_answered_by_what_a_site_and_its_gateway_tell(
    world: World, jasmin: Jasmin, ask: Ask
) -> None:
    world.carrier("north", "FR")
    world.wait_until_bound()
    sent = world.send(sender="ACME")
    becomes(lambda: world.read(sent)["status"], "delivered")

    def values(query: str) -> list[float]:
        try:
            return [float(each["value"][1]) for each in ask("query", query=query)["result"]]
        except OSError:  # it has just started
            return []

    credential = world.credentials["north"]
    place = {
        "$credential": credential,
        "$gateway": "main",
        "$instance": jasmin.http_url.removeprefix("http://"),
    }
    joined = (
        "orbit_connector_submits_total * on (connector) group_left (credential) "
        "orbit:credential_info:max"
    )
    eventually(lambda: values(joined) == [1])
    becomes(lambda: values(f'orbit_credential_binds{{credential="{credential}"}}'), [1])
    known = ask("metadata").keys()
    assert {name for name in shipped.names() if name not in known} == set()
    for query in shipped.queries():
        for variable, value in place.items():
            query = query.replace(variable, value)
        ask("query", query=query)
    groups = ask("rules")["groups"]
    wrong = [rule for group in groups for rule in group["rules"] if rule["health"] == "err"]
    assert [(rule["name"], rule["lastError"]) for rule in wrong] == []
