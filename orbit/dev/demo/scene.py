"""What the steps of the story share."""

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


@dataclass
class Trunk:
    """A credential that a step has added, with the account at the carrier behind it."""

    carrier: Carrier
    account: Account
    credential_id: str

    @property
    def path(self) -> str:
        return f"{CREDENTIALS}/{self.credential_id}"


@dataclass
class Scene:
    """The site, the customer's key once there is one, and what was made so far.

    Its methods show on the screen what they do.
    """

    site: Site
    screen: Screen
    organization_id: str = ""
    api_key: str = field(default="", repr=False)
    trunks: dict[str, Trunk] = field(default_factory=dict)  # by the carrier's key
    carrier_ids: dict[str, str] = field(default_factory=dict)  # by the same key
    access: Access | None = field(default=None, repr=False)  # once it is on

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
        """A request that has to be answered so. Shows the request. Raises Failed."""
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
        """The credential, once `condition(credential)` holds. Raises Failed."""
        self.screen.waiting(f"{what} …")
        try:
            return wait_for(lambda: self.api.credential(credential_id), condition, what)
        finally:
            self.screen.waited()

    def manage(self, *arguments: str, expect: Collection[int]) -> commands.Output:
        """An operator's command that has to end with one of these statuses. Raises Failed."""
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
    """The API says that what was written is in Jasmin, and bound."""
    return credential["sync"]["state"] == "synced" and credential["bind"]["state"] == "bound"
