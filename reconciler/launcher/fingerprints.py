"""Checks function by function that the installed Jasmin is the one this code was written against.

`READ` names each place in Jasmin that a module of ours replaces, wraps or relies on.
`fingerprints.json` has a hash of the source of each place, and of its whole file: an equal file
needs no closer look. If another version has changed or moved a place, the module of ours that names
it has to be reviewed, and no other.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Our module: `module:name` of each place it depends on; `jasmind` is the program itself.
READ = {
    "components/smpp_session": (
        "jasmin.protocols.smpp.protocol:SMPPServerProtocol",
        "smpp.twisted.protocol:SMPPProtocolBase",
        "smpp.twisted.protocol:SMPPServerProtocol",
    ),
    "components/smpp_server": (
        "jasmin.protocols.smpp.factory:SMPPServerFactory",
        "jasmin.protocols.smpp.validation:SmppsCredentialValidator",
        "jasmin.tools.cred.portal:SmppsRealm",
        "smpp.twisted.server:SMPPBindManager",
        "smpp.twisted.server:SMPPServerFactory",
    ),
    "components/connector_manager": (
        "jasmin.managers.clients:SMPPClientManagerPB",
        "jasmin.protocols.cli.smppccm:SmppCCManager",
        "jasmin.protocols.cli.statsm:StatsManager",
        "jasmin.protocols.http.endpoints.metrics:Metrics",
        "jasmin.protocols.smpp.services:SMPPClientService",
        "jasmin.protocols.smpp.stats:SMPPClientStatsCollector",
        "jasmin.protocols.smpp.stats:ClientConnectorStatistics",
    ),
    "daemon": ("jasmind:JasminDaemon", "jasmin.queues.factory:AmqpFactory"),
    "wiring": ("jasmin.protocols.http.server:HTTPApi", "jasmin.protocols.cli.configs:JCliConfig"),
    "corrections/console_greeting": ("jasmin.protocols.cli.jcli:JCliProtocol",),
    "corrections/connector_keys": (
        "jasmin.protocols.cli.smppccm:castInputToBuiltInType",
        "jasmin.protocols.cli.smppccm:JCliSMPPClientConfig",
        "jasmin.protocols.cli.smppccm:SMPPClientConfigBuild",
        "jasmin.protocols.cli.smppccm:SMPPClientConfigUpdate",
        "jasmin.protocols.smpp.configs:SMPPClientConfig",
    ),
    "corrections/user_keys": (
        "jasmin.protocols.cli.usersm:UserBuild",
        "jasmin.protocols.cli.usersm:UserUpdate",
        "jasmin.protocols.cli.usersm:UsersManager",
        "jasmin.protocols.cli.usersm:castToBuiltCorrectCredType",
        "jasmin.routing.jasminApi:CredentialGeneric",
        "jasmin.routing.jasminApi:SmppsCredential",
    ),
    "corrections/user_changes": ("jasmin.protocols.cli.usersm:UsersManager",),
    "corrections/folder_lock": ("lockfile.linklockfile:LinkLockFile",),
    "corrections/tcp_nodelay": (
        "twisted.internet.tcp:BaseClient.createInternetSocket",
        "twisted.internet.tcp:Server.__init__",
    ),
    "corrections/segmentation": ("jasmin.protocols.smpp.operations:SMPPOperationFactory",),
    "corrections/atomic_store": (
        "jasmin.routing.router:RouterPB.perspective_persist",
        "jasmin.protocols.cli.filtersm:FiltersManager.persist",
        "jasmin.protocols.cli.httpccm:HttpccManager.persist",
    ),
    "components/submit_conversion": (
        "jasmin.protocols.http.endpoints.send:Send",
        "smpp.pdu.operations:SubmitSM",
    ),
    "components/router": (
        "jasmin.routing.Filters:UserFilter",
        "jasmin.routing.Routes:FailoverRoute",
        "jasmin.routing.router:RouterPB",
        "jasmin.routing.jasminApi:User",
        "jasmin.tools.cred.checkers:RouterAuthChecker",
        "jasmin.tools.cred.portal:SmppsRealm",
    ),
    "components/route_table": (
        "jasmin.routing.Filters:UserFilter",
        "jasmin.routing.Routes:Route",
        "jasmin.routing.RoutingTables:MTRoutingTable",
        "jasmin.routing.RoutingTables:RoutingTable",
    ),
    "state/printed_settings": (
        "jasmin.protocols.cli.smppccm:JCliSMPPClientConfig",
        "jasmin.protocols.cli.smppccm:castOutputToBuiltInType",
        "jasmin.protocols.cli.usersm:UsersManager",
        "jasmin.routing.jasminApi:CredentialGeneric",
        "jasmin.routing.jasminApi:MtMessagingCredential",
        "jasmin.routing.jasminApi:SmppsCredential",
    ),
    "state/answer": (
        "jasmin.protocols.cli.mtrouterm:MtRouterManager",
        "jasmin.protocols.cli.statsm:StatsManager",
        "jasmin.protocols.http.stats:HttpAPIStatsCollector",
        "jasmin.routing.Filters:DestinationAddrFilter",
        "jasmin.routing.Filters:UserFilter",
        "jasmin.routing.jasminApi:CnxStatus",
        "jasmin.routing.jasminApi:UserStats",
    ),
}
PACKAGES = ("jasmin", "smpp.pdu3", "smpp.twisted3", "Twisted")
KNOWN = Path(__file__).with_suffix(".json")


def differing(jasmind: Path) -> list[str]:
    """Names of the places with another source than the recorded one."""
    known = json.loads(KNOWN.read_text())
    changed = []
    for module, names in _by_module().items():
        source = _source(module, jasmind)
        if _hash(source) == known["files"].get(module):
            continue
        tree = ast.parse(source)
        changed += [
            name for name in names if _fingerprint(tree, name) != known["places"].get(name, "gone")
        ]
    return changed


def report(jasmind: Path) -> list[str]:
    """The lines of `--check`."""
    lines = [f"{name} {_version(name)}" for name in PACKAGES]
    changed = set(differing(jasmind))
    total = len({name for names in READ.values() for name in names})
    lines.append(f"{total - len(changed)} of {total} places are as they were read")
    for module, names in READ.items():
        if again := [name for name in names if name in changed]:
            lines.append(f"read {module}.py again: {', '.join(again)}")
    return lines


def accept(jasmind: Path) -> None:
    """Record the installed versions. Raises LookupError for a place that is gone."""
    known: dict[str, dict[str, str]] = {"files": {}, "places": {}}
    for module, names in _by_module().items():
        source = _source(module, jasmind)
        known["files"][module] = _hash(source)
        for name in names:
            known["places"][name] = _fingerprint(ast.parse(source), name)
            if not known["places"][name]:
                raise LookupError(name)
    KNOWN.write_text(json.dumps(known, indent=1) + "\n")


def _by_module() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted({name for names in READ.values() for name in names}):
        found[name.partition(":")[0]].append(name)
    return found


def _source(module: str, jasmind: Path) -> bytes:
    """The source of a module, empty if there is none; of the program without its first line."""
    if module == "jasmind":
        return jasmind.read_bytes().partition(b"\n")[2]
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return b""
    return Path(spec.origin).read_bytes() if spec and spec.origin else b""


def _fingerprint(tree: ast.AST | None, name: str) -> str:
    """A hash of a class or function without comments and line numbers; "" if it is missing."""
    for each in name.partition(":")[2].split("."):
        body = getattr(tree, "body", [])
        tree = next((node for node in body if getattr(node, "name", "") == each), None)
    return _hash(ast.dump(tree).encode()) if tree is not None else ""


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is missing"
