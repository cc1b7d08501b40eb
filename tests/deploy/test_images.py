"""The containers run what the Procfile runs, as users without rights, and are watched."""

from __future__ import annotations

import re
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
IMAGES = sorted((DEPLOY / "docker").glob("*.Dockerfile"))


def services() -> dict[str, dict]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def test_each_line_of_the_procfile_is_a_service() -> None:
    lines = re.findall(r"^(\w+): ", (ROOT / "Procfile").read_text(), re.MULTILINE)

    ours = {name: each["command"] for name, each in services().items() if "command" in each}

    assert {name: ours[name] for name in lines} == {name: [name] for name in lines}


def test_every_setting_that_an_operator_writes_reaches_the_processes() -> None:
    """.env is read by Compose alone: a container has what is listed."""
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    of_the_image = {"SITE_BIND", "STATE_DIR", "STATIC_FROM_APPS", "ALLOW_HTTP", "DEBUG"}

    for line in re.findall(r"^(\w+): ", (ROOT / "Procfile").read_text(), re.MULTILINE):
        assert named - of_the_image <= services()[line]["environment"].keys(), line


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no Compose on this machine")
def test_compose_reads_the_file(tmp_path: Path) -> None:
    settings = tmp_path / "env"
    required = re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text())
    settings.write_text("".join(f"{name}=abc123\n" for name in required))

    read = subprocess.run(
        ["docker-compose", "-f", DEPLOY / "compose.yaml", "--env-file", settings, "config", "-q"],
        capture_output=True,
        text=True,
    )

    assert (read.returncode, read.stderr) == (0, "")


def test_a_pass_that_is_under_way_has_time_to_end() -> None:
    assert services()["worker"]["stop_grace_period"] == "2m"


def test_the_proxy_finds_both_web_servers_of_this_network() -> None:
    """It reads addresses once: those of the containers are fixed."""
    (script,) = [word for word in services()["proxy"]["command"] if "sed" in word]
    image = (DEPLOY / "docker" / "site.Dockerfile").read_text()

    named = dict(re.findall(r"s/127\.0\.0\.1:(\d+)/(\S+)/", script))

    conf = (DEPLOY / "nginx" / "orbit.conf").read_text()
    assert named.keys() == set(re.findall(r"^    server 127\.0\.0\.1:(\d+)", conf, re.MULTILINE))
    assert named == {"8000": "web:8000", "8001": "uploads:8001"}
    assert "SITE_BIND=0.0.0.0:8000 UPLOADS_BIND=0.0.0.0:8001" in image
    for name in ("web", "uploads"):
        assert name in services()["proxy"]["depends_on"]
        assert "ipv4_address" in services()[name]["networks"]["site"]


def test_only_the_doors_for_the_world_are_published() -> None:
    published = {name: each["ports"] for name, each in services().items() if "ports" in each}

    doors = {"gateway": ["2775:2775"], "gateway-2": ["2776:2775"], "gateway-3": ["2777:2775"]}
    assert published == {**doors, "proxy": ["80:80", "443:443"]}


def test_each_gateway_has_a_store_and_an_address_that_the_site_trusts() -> None:
    """Two in one store would send each other's messages; the first alone starts by itself."""
    gateways = {name: each for name, each in services().items() if name.startswith("gateway")}
    trusted = ip_network(services()["web"]["environment"]["GATEWAY_TRUSTED_NETWORKS"])

    assert len(gateways) == 3
    assert len({tuple(each["volumes"]) for each in gateways.values()}) == 3
    addresses = {each["networks"]["site"]["ipv4_address"] for each in gateways.values()}
    assert len(addresses) == 3
    assert all(ip_address(each) in trusted for each in addresses)
    assert {name for name, each in gateways.items() if "profiles" not in each} == {"gateway"}


def test_what_serves_others_says_whether_it_is_healthy() -> None:
    silent = {name for name, each in services().items() if "healthcheck" not in each}

    assert silent == {"release", "beat", "receiver", "proxy"}


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_an_image_runs_as_a_user_without_rights(image: Path) -> None:
    users = re.findall(r"^USER (\S+)", image.read_text(), re.MULTILINE)

    assert users
    assert users[-1].isdigit(), "a name can't be checked by the host"
    assert users[-1] != "0"


def test_the_gateway_has_all_that_its_launcher_imports() -> None:
    copied = [
        word
        for line in (DEPLOY / "docker" / "gateway.Dockerfile").read_text().splitlines()
        if line.startswith("COPY ")
        for word in line.split()[1:-1]
    ]
    launcher = (ROOT / "reconciler" / "launcher").rglob("*.py")
    imported = {
        name.replace(".", "/")
        for path in launcher
        for name in re.findall(
            r"^from ((?:messaging|reconciler)[\w.]*) import", path.read_text(), re.MULTILINE
        )
    }

    assert "messaging/smpp/protocol/pdu" in imported
    there = {f"{name}.py" for name in imported if (ROOT / f"{name}.py").exists()}
    there |= {name for name in imported if (ROOT / name).is_dir()} - {"messaging", "reconciler"}
    assert {name for name in there if not name.startswith(tuple(copied))} == set()


def test_the_entry_point_refuses_what_the_procfile_does_not_have() -> None:
    run = subprocess.run(
        [DEPLOY / "docker" / "run-line.sh", "nonsense"], cwd=ROOT, capture_output=True, text=True
    )

    assert (run.returncode, run.stderr) == (64, "the Procfile has no line nonsense\n")


def test_every_script_is_one_that_the_shell_reads() -> None:
    scripts = [*DEPLOY.rglob("*.sh"), DEPLOY / "orbit"]

    assert len(scripts) > 6
    for script in scripts:
        read = subprocess.run(["sh", "-n", script], capture_output=True, text=True)
        assert read.returncode == 0, read.stderr
