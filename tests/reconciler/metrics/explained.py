"""The metrics that docs/metrics.md explains."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"
_ROW = re.compile(r"^\| `(orbit_[a-z0-9_]+)` \|", re.MULTILINE)


def explained() -> tuple[set[str], set[str]]:
    """Those of the site, and those of a gateway."""
    site, gateway = _PAGE.read_text().split("\n## A gateway\n")
    return set(_ROW.findall(site)), set(_ROW.findall(gateway))
