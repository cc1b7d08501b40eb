"""`.local/demo.json` says exactly how everything is reached."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

from orbit.dev.demo import facts
from orbit.dev.demo.simulated_carriers import Carrier


def make_site() -> SimpleNamespace:
    carrier = Carrier("north", "North Telecom", port=2775, control_port=8775)
    jasmin = SimpleNamespace(
        name="main",
        jcli_host="127.0.0.1",
        jcli_port=8990,
        jcli_username="jcliadmin",
        jcli_password="console",
        http_url="http://127.0.0.1:1401",
    )
    return SimpleNamespace(
        url="http://127.0.0.1:8000",
        base_url="http://127.0.0.1:8000/v1",
        admin_password="secret",
        inbox=SimpleNamespace(url="http://127.0.0.1:8999/"),
        gateways={"main": jasmin},
        carriers={"north": carrier},
    )


def test_it_has_this_shape_and_nothing_else() -> None:
    site = make_site()
    spare = site.carriers["north"].spare
    assert facts.collect(site, api_key="dv_live_sk_1", organization_id="org_1") == {
        "base_url": "http://127.0.0.1:8000/v1",
        "api_key": "dv_live_sk_1",
        "organization_id": "org_1",
        "admin": {
            "url": "http://127.0.0.1:8000/admin/",
            "username": "operator@example.com",
            "password": "secret",
        },
        "webhooks": {"url": "http://127.0.0.1:8999/"},
        "gateways": [
            {
                "name": "main",
                "jcli": {
                    "host": "127.0.0.1",
                    "port": 8990,
                    "username": "jcliadmin",
                    "password": "console",
                },
                "http": "http://127.0.0.1:1401",
            }
        ],
        "carriers": [
            {
                "name": "North Telecom",
                "host": "127.0.0.1",
                "port": 2775,
                "system_id": spare.system_id,
                "password": spare.password,
            }
        ],
    }


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    facts.write(path, {"api_key": "dv_live_sk_1"})
    assert json.loads(path.read_text()) == {"api_key": "dv_live_sk_1"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_shell_reads_the_environment_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "demo.env"
    facts.write_environment(path, {"SECRET_KEY": "a b'$c", "DEBUG": "false", "PATH": "/nowhere"})
    show = f'. {path}; printf \'%s|%s|%s\' "$SECRET_KEY" "$DEBUG" "$PATH"'
    shell = subprocess.run(["sh", "-c", show], env={"PATH": "/bin"}, capture_output=True, text=True)
    assert shell.stdout == "a b'$c|false|/bin"
    assert path.stat().st_mode & 0o777 == 0o600


def test_passwords_of_accounts_fit_into_smpp_and_are_in_no_repr() -> None:
    spare = Carrier("north", "North Telecom", port=2775, control_port=8775).spare
    assert len(spare.password) == 8
    assert spare.password not in repr(spare)


def test_every_gateway_of_a_fleet_is_there() -> None:
    site = make_site()
    second = SimpleNamespace(**{**vars(site.gateways["main"]), "name": "second"})
    site.gateways["second"] = second

    found = facts.collect(site, api_key="", organization_id="")["gateways"]

    assert [each["name"] for each in found] == ["main", "second"]
