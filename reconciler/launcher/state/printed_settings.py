"""Settings of users and connectors, spelled as `user -s` and `smppccm -s` print them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jasmin.protocols.cli import usersm
from jasmin.protocols.cli.smppccm import JCliSMPPClientConfig
from jasmin.routing.jasminApi import jasminApiCredentialError

from reconciler.launcher.corrections import connector_keys
from reconciler.launcher.lane.http_api.json_requests import encode

# Keys in which connectors of equal carriers differ; all others are mostly equal.
OWN_KEYS = frozenset(
    {
        "cid",
        "host",
        "port",
        "username",
        "logfile",
        "lane",
        "tls_ca",
        "tls_server_name",
        "tls_certificate",
        "tlvs",
        "backups",
    }
)
CERTIFICATES = frozenset({"tls_ca", "tls_certificate"})
SECRETS = frozenset({"password", "tls_key"})
_UNKNOWN = "Unknown (object is from an old Jasmin release !)"


def of_user(user: Any) -> dict[str, str]:
    """The lines of `user -s` after gid and username, by their first three words."""
    return {
        f"{name} {section.lower()} {key}": _printed(
            getattr(user, fields["keyMapValue"]), section, kept
        )
        for name, fields in usersm.UserKeyMap.items()
        if isinstance(fields, dict)
        for section, keys in fields.items()
        if isinstance(keys, dict)
        for key, kept in keys.items()
    }


def likeness(user: Any) -> tuple[Any, ...]:
    """Equal for users whose settings are printed alike."""
    messages, server = user.mt_credential, user.smpps_credential
    return (
        *messages.authorizations.values(),
        *messages.value_filters.values(),
        *messages.defaults.values(),
        str(messages.quotas),
        *server.authorizations.values(),
        str(server.quotas),
    )


def _printed(credential: Any, section: str, name: str) -> str:
    try:
        value = getattr(credential, f"get{section}")(name)
    except jasminApiCredentialError:
        return _UNKNOWN
    if section == "ValueFilter":
        value = value.pattern
    elif section == "Quota" and value is None:
        value = "ND"
    return value.decode() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True)
class Printed:
    """Of a connector. `shared`: what others mostly have too, as JSON; `own`: the rest."""

    config: Any
    shared: bytes
    own: dict[str, str]


class ConnectorSettings:
    """Settings of connectors, spelled anew when one has changed."""

    def __init__(self) -> None:
        self._known: dict[str, Printed] = {}
        self._shared: dict[bytes, bytes] = {}  # equal ones are kept once
        connector_keys.on_change.append(self.forget)

    def of(self, cid: str, config: Any) -> Printed:
        known = self._known.get(cid)
        if known is None or known.config is not config:
            known = self._known[cid] = self._spell(config)
        return known

    def forget(self, cid: str) -> None:
        self._known.pop(cid, None)

    def keep_only(self, cids: Any) -> None:
        """Forget connectors that are gone."""
        for cid in [each for each in self._known if each not in cids]:
            del self._known[cid]

    def _spell(self, config: Any) -> Printed:
        own, shared = {}, {}
        for key, value in _lines(config):
            (own if key in OWN_KEYS else shared)[key] = value
        text = encode(shared)
        return Printed(config, self._shared.setdefault(text, text), own)


def _lines(config: Any) -> Iterator[tuple[str, str]]:
    for key, value in JCliSMPPClientConfig.getAll(config).items():
        if key in CERTIFICATES and value is not None:
            yield key, f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()}"
        elif key not in SECRETS:
            yield key, str(value)
