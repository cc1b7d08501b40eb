"""The state that the steps of the story share, and the actions that several of them take."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.demo import commands
from orbit.dev.demo.api import CREDENTIALS, Api
from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.customer_platform import Access
from orbit.dev.demo.http import Answer
from orbit.dev.demo.screen import Screen
from orbit.dev.demo.simulated_carriers import Account, Carrier
from orbit.dev.demo.site import Site
from orbit.dev.demo.tenants import Tenant, Traffic


@dataclass
class AddedCredential:
    """A credential that a step has added, with its account at the carrier."""

    carrier: Carrier
    account: Account
    credential_id: str

    @property
    def path(self) -> str:
        return f"{CREDENTIALS}/{self.credential_id}"


@dataclass
class Scene:
    """The site, the customer's API key once there is one, and what the steps have made so far.

    Its methods show on the screen what they do.
    """

    site: Site
    screen: Screen
    organization_id: str = ""
    api_key: str = field(default="", repr=False)
    credentials: dict[str, AddedCredential] = field(default_factory=dict)  # by the carrier's key
    carrier_ids: dict[str, str] = field(default_factory=dict)  # by the same key
    access: Access | None = field(default=None, repr=False)  # once it is on
    tenants: list[Tenant] = field(default_factory=list)  # of the fleet's story
    traffic: Traffic | None = None  # what the tenants send

    @property
    def api(self) -> Api:
        return Api(self.site.base_url, self.api_key)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        expect: int,
        code: str = "",
    ) -> Answer:
        """Send and show a request. Raises Failed unless status and error code are as expected."""
        self.screen.request(method, f"/v1{path}", body)
        answer = self.api.send(method, path, body)
        said = f"{answer.status} {answer.error.get('code', '')}".strip()
        message = answer.error.get("message", "")
        wanted = f"{expect} {code}".strip()
        check(
            answer.status == expect and (not code or answer.error.get("code") == code),
            f"{method} {path} answers {said} instead of {wanted}. {message}",
        )
        return answer

    def add_credential(self, carrier: Carrier, account: Account, **fields: Any) -> Answer:
        body = {
            "name": carrier.name,
            "host": carrier.host,
            "port": carrier.port,
            "system_id": account.system_id,
            "password": account.password,
            **fields,
        }
        return self.send("POST", CREDENTIALS, body, expect=201)

    def wait_for_credential(self, credential_id: str, condition: Any, what: str) -> dict[str, Any]:
        """Wait until `condition(credential)` holds; returns the credential. Raises Failed."""
        self.screen.waiting(f"{what} …")
        try:
            return wait_for(lambda: self.api.credential(credential_id), condition, what)
        finally:
            self.screen.waited()

    def manage(self, *arguments: str, expect: Collection[int]) -> commands.Output:
        """Run a command of the operator. Raises Failed unless its exit status is in `expect`."""
        self.screen.command(f"python manage.py {' '.join(arguments)}")
        self.screen.waiting("…")
        output = commands.run(self.site.environment, *arguments)
        self.screen.waited()
        self.screen.output(output)
        check(
            output.status in expect,
            f"manage.py {arguments[0]} ended with status {output.status}. {output.errors[-500:]}",
        )
        return output


def is_bound(credential: Mapping[str, Any]) -> bool:
    """Whether the API says that the credential is in Jasmin as written, and bound."""
    return credential["sync"]["state"] == "synced" and credential["bind"]["state"] == "bound"
