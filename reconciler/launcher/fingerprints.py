"""Whether this Jasmin is the one that our code was read against, function by function.

What we replace, wrap or lean on is named here, by the module of ours that does; `fingerprints.json`
beside this file has a hash of the source of each. Another version may have changed some of them, or
moved them: then the module that names them has to be read again, and no other.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# By our module: `module:name` of what it takes hold of; `jasmind` is the program itself.
READ = {
    "access": (
        "jasmin.protocols.smpp.protocol:SMPPServerProtocol",
        "jasmin.protocols.smpp.factory:SMPPServerFactory",
        "jasmin.protocols.smpp.validation:SmppsCredentialValidator",
        "smpp.twisted.protocol:SMPPProtocolBase",
        "smpp.twisted.protocol:SMPPServerProtocol",
        "smpp.twisted.server:SMPPBindManager",
    ),
    "connectors": (
        "jasmin.managers.clients:SMPPClientManagerPB",
        "jasmin.protocols.cli.smppccm:SmppCCManager",
        "jasmin.protocols.cli.statsm:StatsManager",
        "jasmin.protocols.http.endpoints.metrics:Metrics",
        "jasmin.protocols.smpp.services:SMPPClientService",
        "jasmin.protocols.smpp.stats:SMPPClientStatsCollector",
        "jasmin.protocols.smpp.stats:ClientConnectorStatistics",
    ),
    "daemon": ("jasmind:JasminDaemon", "jasmin.queues.factory:AmqpFactory"),
    "gateway": ("jasmin.protocols.http.server:HTTPApi", "jasmin.protocols.cli.configs:JCliConfig"),
    "greeting": ("jasmin.protocols.cli.jcli:JCliProtocol",),
    "keys": (
        "jasmin.protocols.cli.smppccm:castInputToBuiltInType",
        "jasmin.protocols.cli.smppccm:JCliSMPPClientConfig",
        "jasmin.protocols.cli.smppccm:SMPPClientConfigBuild",
        "jasmin.protocols.cli.smppccm:SMPPClientConfigUpdate",
        "jasmin.protocols.smpp.configs:SMPPClientConfig",
    ),
    "lock": ("lockfile.linklockfile:LinkLockFile",),
    "nodelay": (
        "twisted.internet.tcp:Client.createInternetSocket",
        "twisted.internet.tcp:Server.__init__",
    ),
    "parts": ("jasmin.protocols.smpp.operations:SMPPOperationFactory",),
    "store": (
        "jasmin.routing.router:RouterPB.perspective_persist",
        "jasmin.protocols.cli.filtersm:FiltersManager.persist",
        "jasmin.protocols.cli.httpccm:HttpccManager.persist",
    ),
    "submits": ("jasmin.protocols.http.endpoints.send:Send", "smpp.pdu.operations:SubmitSM"),
    "users": (
        "jasmin.routing.Filters:UserFilter",
        "jasmin.routing.Routes:FailoverRoute",
        "jasmin.routing.RoutingTables:RoutingTable",
        "jasmin.routing.router:RouterPB",
        "jasmin.routing.jasminApi:User",
    ),
}
PACKAGES = ("jasmin", "smpp.pdu3", "smpp.twisted3", "Twisted")
KNOWN = Path(__file__).with_suffix(".json")


def differing(jasmind: Path) -> list[str]:
    """Names whose source is not the one that was read."""
    known = json.loads(KNOWN.read_text())
    return [name for name, found in current(jasmind).items() if found != known.get(name)]


def current(jasmind: Path) -> dict[str, str]:
    """Of the installed versions; "" for what is not there."""
    trees: dict[str, ast.Module | None] = {}
    found = {}
    for each in sorted({name for names in READ.values() for name in names}):
        module, _, path = each.partition(":")
        if module not in trees:
            trees[module] = _tree(module, jasmind)
        found[each] = _fingerprint(trees[module], path.split("."))
    return found


def report(jasmind: Path) -> list[str]:
    """Lines for people."""
    lines = [f"{name} {_version(name)}" for name in PACKAGES]
    changed = set(differing(jasmind))
    total = len({name for names in READ.values() for name in names})
    lines.append(f"{total - len(changed)} of {total} places are as they were read")
    for module, names in READ.items():
        if again := [name for name in names if name in changed]:
            lines.append(f"read {module}.py again: {', '.join(again)}")
    return lines


def accept(jasmind: Path) -> None:
    """All has been read again, and our code is right with it."""
    KNOWN.write_text(json.dumps(current(jasmind), indent=1) + "\n")


def _tree(module: str, jasmind: Path) -> ast.Module | None:
    if module == "jasmind":
        return ast.parse(jasmind.read_text())
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return ast.parse(Path(spec.origin).read_text()) if spec and spec.origin else None


def _fingerprint(tree: ast.AST | None, path: list[str]) -> str:
    """Of a class or function, without comments and its place in the file."""
    for name in path:
        body = getattr(tree, "body", [])
        tree = next((each for each in body if getattr(each, "name", "") == name), None)
    if tree is None:
        return ""
    return hashlib.blake2b(ast.dump(tree).encode(), digest_size=8).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is missing"
