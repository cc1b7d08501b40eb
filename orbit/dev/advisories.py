"""`make lint`: known vulnerabilities of what is installed, for the site and for the gateway.

pip-audit asks PyPI about what stands in both environments, with all that requirements.txt and
reconciler/launcher/requirements.txt bring along. A finding fails, unless `[tool.advisories]` in
pyproject.toml says why it can stay. Where PyPI can't be asked, that is said and nothing fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300  # for all questions of one environment
# What pip-audit ends with when a server is not there, or answers nonsense.
_AWAY = ("ConnectionError", "Timeout", "Max retries", "HTTPError", "ProxyError")


@dataclass(frozen=True)
class Verdict:
    """`lines` are for people; `failed`: a vulnerability is there that nobody has explained."""

    lines: Sequence[str]
    failed: bool = False


def main() -> None:
    ignored = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["advisories"]
    failed = False
    for name, folder in _environments():
        verdict = audit(folder, ignored)
        failed |= verdict.failed
        print("\n".join(f"advisories, {name}: {line}" for line in verdict.lines))
    sys.exit(1 if failed else 0)


def audit(folder: Path, ignored: Mapping[str, str]) -> Verdict:
    """Ask about the packages that are installed in this folder."""
    command = [sys.executable, "-m", "pip_audit", "--path", str(folder), "--format", "json"]
    command += ["--progress-spinner", "off", "--timeout", "10"]
    try:
        ended = subprocess.run(  # nosec B603  # no shell, and nothing of others in it
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _not_asked(f"no end after {SECONDS} s")
    try:
        report = json.loads(ended.stdout)
    except ValueError:
        said = ended.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        if any(word in ended.stderr for word in _AWAY):
            return _not_asked(said[0])
        return Verdict([f"pip-audit failed: {said[0]}"], failed=True)
    return judge(report["dependencies"], ignored)


def judge(packages: Sequence[Mapping[str, Any]], ignored: Mapping[str, str]) -> Verdict:
    """Judge pip-audit's report: each package with its `vulns`, or with a `skip_reason`."""
    asked = [package for package in packages if "skip_reason" not in package]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if not asked:
        return _not_asked("it knows none of the packages")
    lines, failed = [f"{len(asked)} packages looked up"], False
    if unknown:
        lines.append(f"not known there: {', '.join(unknown)}")
    for package in asked:
        for vulnerability in package["vulns"]:
            names = {vulnerability["id"], *vulnerability.get("aliases", ())}
            reason = next((ignored[name] for name in sorted(names) if name in ignored), None)
            fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no version"
            what = f"{package['name']} {package['version']}: {vulnerability['id']}"
            if reason is None:
                failed = True
                lines.append(f"{what}, fixed in {fixed}")
            else:
                lines.append(f"{what} stays: {reason}")
    return Verdict(lines, failed)


def _not_asked(why: str) -> Verdict:
    return Verdict([f"the source of advisories could not be asked, nothing was checked ({why})"])


def _environments() -> Iterator[tuple[str, Path]]:
    yield "site", Path(sysconfig.get_paths()["purelib"])
    for folder in (ROOT / ".local" / "jasmin-venv" / "lib").glob("python3*/site-packages"):
        yield "gateway", folder


if __name__ == "__main__":
    main()
