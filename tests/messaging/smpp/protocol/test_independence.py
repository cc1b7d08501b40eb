"""The package needs Python alone: the gateway's process has none of our requirements."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import messaging.smpp.protocol

PACKAGE = Path(messaging.smpp.protocol.__file__).parent
ROOT = PACKAGE.parents[2]
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


def test_it_is_loaded_by_a_bare_python() -> None:
    names = ", ".join(f"messaging.smpp.protocol.{module}" for module in MODULES)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {names}; print('loaded')"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
    )

    assert (done.stdout, done.stderr) == ("loaded\n", "")


def test_it_imports_itself_and_python_only() -> None:
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
            if isinstance(node, ast.Import):
                found |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
    others = {
        name
        for name in found
        if not name.startswith("messaging.smpp.protocol")
        and name.partition(".")[0] not in sys.stdlib_module_names
    }

    assert len(MODULES) > 10
    assert others == set()
