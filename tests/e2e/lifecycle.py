"""A life of credentials in which every sort of secret occurs, and all that was answered in it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from messaging.credentials.models import Credential
from orbit.dev.simulator import SimulatorThread
from reconciler.gateway_client import gateway_console
from reconciler.jcli.commands import Command, session
from reconciler.models import Gateway
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.waiting import eventually
from tests.fixtures.site import Site
from tests.messaging.net.authority import Authority

# Of characters that JSON, HTML, URLs and consoles write in other ways than they are.
FIRST, SECOND, THIRD = 'Fi&r5"_x', "5ec<nd;x", "Th'r#d+x"
WRONG, FAILING, BY_HAND = "Wr0n>;&x", "Fa!l,ng&", "By%hand<"
PERSON, WRONG_LOGIN = "correct-<horse>&battery", "wrong-<horse>&battery"


@dataclass
class Lifecycle:
    """`secrets` by name; `answers`: what came back, but for what is there to give a secret out."""

    site: Site
    gateway: Gateway
    carrier: SimulatorThread
    secrets: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.secrets |= {
            "first password": FIRST,
            "second password": SECOND,
            "third password": THIRD,
            "wrong password": WRONG,
            "failing password": FAILING,
            "password set by hand": BY_HAND,
            "person's password": PERSON,
            "wrong login": WRONG_LOGIN,
            "console password": self.gateway.jcli_password,
        }

    def live(self) -> None:
        self._accounts()
        self._sessions()
        self._keys()
        self._webhooks()
        self._writes()
        self._refusals()
        self._rotations()
        self._failing_bind()
        self._drift()
        self._breakdown()
        self._operators_view()
        rows = [row.gateway_password for row in Credential.objects.all()]
        self.secrets |= {f"gateway user {n}": password for n, password in enumerate(rows)}

    def call(
        self,
        api: Api,
        method: str,
        path: str,
        body: object = None,
        *,
        gives: Mapping[str, str] | None = None,
        **options: object,
    ) -> Answer:
        """`gives`: the secrets that the answer is there to give out, field → name."""
        headers = {"Idempotency-Key": f"key-{next(self._numbers)}"} if method != "GET" else {}
        options["headers"] = headers | dict(options.get("headers", {}))
        answer = api.call(method, path, body, **options)
        if gives:
            assert answer.status < 300, answer.body
            self.secrets |= {name: answer.data[key] for key, name in gives.items()}
        else:
            head = f"{next(self._numbers)} {method} {path} {answer.status}"
            self.answers[head] = str(answer.headers).encode() + answer.body
        return answer

    def manage(self, *arguments: str, stdin: str = "", gives: str = "") -> int:
        """Calls a command; its exit status. `gives`: the name of the API key that it prints."""
        done = self.site.manage(*arguments, stdin=stdin)
        if gives:
            self.secrets[gives] = json.loads(done.stdout)["api_key"]
        else:
            head = f"{next(self._numbers)} manage.py {' '.join(arguments)}"
            self.answers[head] = (done.stdout + done.stderr).encode()
        return done.returncode

    def _accounts(self) -> None:
        self.manage(
            "create_organization", "Acme", "--email", "owner@example.com", "--password-stdin",
            "--json", stdin=f"{PERSON}\n", gives="owner's key",
        )  # fmt: skip
        self.manage("create_operator_key", "Monitoring", "--json", gives="operator's key")
        self.owner = Api(self.site.base_url, self.secrets["owner's key"])
        self.operator = Api(self.site.base_url, self.secrets["operator's key"])

    def _sessions(self) -> None:
        nobody = Api(self.site.base_url)
        login = {"email": "owner@example.com", "password": PERSON}
        self.call(nobody, "POST", "/v1/auth/login", login | {"password": WRONG_LOGIN})
        self.call(nobody, "POST", "/v1/auth/login", login | {"pasword": PERSON})
        both = {"access_token": "access token", "refresh_token": "refresh token"}
        self.call(nobody, "POST", "/v1/auth/login", login, gives=both)
        token = {"refresh_token": self.secrets["refresh token"]}
        person = Api(self.site.base_url, token=self.secrets["access token"])
        assert self.call(person, "GET", "/v1/me").status == 200
        again = {"access_token": "second access token", "refresh_token": "second refresh token"}
        self.call(nobody, "POST", "/v1/auth/refresh", token, gives=again)
        self.call(nobody, "POST", "/v1/auth/refresh", token)  # used before: the session ends
        self.call(nobody, "POST", "/v1/auth/logout", token)

    def _keys(self) -> None:
        keys = "/v1/settings/api-keys"
        body = {"name": "Second", "scopes": ["credentials:read", "credentials:write"]}
        made = self.call(self.owner, "POST", keys, body, gives={"key": "writer's first key"})
        rotated = f"{keys}/{made.data['id']}/rotate"
        self.call(self.owner, "POST", rotated, gives={"key": "writer's key"})
        self.writer = Api(self.site.base_url, self.secrets["writer's key"])
        self.call(Api(self.site.base_url, self.secrets["writer's first key"]), "GET", "/v1/me")
        self.call(Api(self.site.base_url, token="x" + PERSON), "GET", "/v1/me")

    def _webhooks(self) -> None:
        """Before the first bind, which is told to one that is not there: its delivery waits."""
        hooks, own = "/v1/webhooks", "/v1/settings/webhook-secret"
        body = {"url": "https://127.0.0.1:1/", "events": ["*"]}
        shown = {"signing_secret": "webhook's first secret"}
        path = f"{hooks}/{self.call(self.owner, 'POST', hooks, body, gives=shown).data['id']}"
        first = self.secrets["webhook's first secret"]
        self.call(self.owner, "PUT", path, body | {"secret": first})
        self.call(
            self.owner, "POST", f"{path}/rotate-secret",
            gives={"signing_secret": "webhook's second secret"},
        )  # fmt: skip
        for name in ("first", "second"):
            gives = {"signing_secret": f"organisation's {name} webhook secret"}
            self.call(self.owner, "POST", f"{own}/rotate", gives=gives)
        self.call(self.owner, "POST", f"{path}/test")
        for read in (hooks, path, f"{path}/deliveries", own):
            assert self.call(self.owner, "GET", read).status == 200

    def _writes(self) -> None:
        self.system = self.carrier.add_system("acme", FIRST)
        self.account = {
            "host": "127.0.0.1", "port": self.carrier.port, "system_id": "acme", "password": FIRST,
        }  # fmt: skip
        once = {"headers": {"Idempotency-Key": "once"}}
        made = self.call(self.owner, "POST", CREDENTIALS, self.account, **once)
        self.call(self.owner, "POST", CREDENTIALS, self.account, **once)
        self.call(self.owner, "POST", CREDENTIALS, self.account | {"password": WRONG}, **once)
        self.path = f"{CREDENTIALS}/{made.data['id']}"
        self.wait("bound")
        change = {"window": 3, "current_password": FIRST}
        assert self.call(self.owner, "PATCH", self.path, change).status == 200
        ours = Authority().issue("acme")
        self.secrets["TLS key"] = ours.key.splitlines()[1]
        tls = {"tls": True, "tls_certificate": ours.certificate, "tls_key": ours.key}
        self.call(self.owner, "POST", CREDENTIALS, self.account | tls | {"port": 0})
        spare = self.call(self.owner, "POST", CREDENTIALS, self.account | tls | {"port": 1})
        self.call(self.owner, "PATCH", f"{CREDENTIALS}/{spare.data['id']}", tls | {"window": 2})
        self.call(self.owner, "DELETE", f"{CREDENTIALS}/{spare.data['id']}")

    def _refusals(self) -> None:
        for fault in (
            {"password": FIRST + SECOND + THIRD},
            {"password": FIRST + "\n"},
            {"password": [FIRST]},
            {"password": {FIRST: FIRST}},
            {"pasword": FIRST},
            {"port": 0},
        ):
            assert self.call(self.owner, "POST", CREDENTIALS, self.account | fault).status == 422
        self.call(self.owner, "POST", CREDENTIALS, f'{{"password": "{WRONG}'.encode())
        plain = {"headers": {"Content-Type": "text/plain"}}
        self.call(self.owner, "POST", CREDENTIALS, f"password={WRONG}".encode(), **plain)
        self.call(self.owner, "PATCH", self.path, {"password": WRONG})
        self.call(self.writer, "PATCH", self.path, {"port": 1, "current_password": WRONG})
        self.call(self.writer, "GET", f"{self.path}/reveal")

    def _rotations(self) -> None:
        rotate = f"{self.path}/rotate"
        assert self.call(self.owner, "POST", rotate, {"password": WRONG}).status == 422
        self.system.password = SECOND
        assert self.call(self.owner, "POST", rotate, {"password": SECOND}).status == 200
        self.call(self.owner, "POST", rotate, {"password": SECOND, "activate": True})
        self.call(self.owner, "POST", rotate)
        staged = {"password": "staged password"}
        self.call(self.owner, "GET", f"{self.path}/reveal", gives=staged)
        assert self.call(self.owner, "POST", rotate, {"activate": True}).status == 422
        self.system.password = self.secrets["staged password"]
        assert self.call(self.owner, "POST", rotate, {"activate": True}).status == 200
        assert self.call(self.owner, "GET", f"{self.path}/reveal").status == 410
        self.system.password = THIRD
        third = {"password": THIRD, "verify": False}
        assert self.call(self.owner, "POST", rotate, third).status == 200
        self.wait("bound")

    def _failing_bind(self) -> None:
        self.carrier.add_system("other", "0ther")
        body = self.account | {"system_id": "other", "password": FAILING}
        made = self.call(self.owner, "POST", CREDENTIALS, body)
        self.failing = f"{CREDENTIALS}/{made.data['id']}"
        self.wait("unbound", self.failing)

    def _drift(self) -> None:
        """Somebody types a password into Jasmin; the plan says that it differs."""
        self.site.stop_beat()  # which would mend it
        self.site.wait_for_tasks()
        key = Credential.objects.get(system_id="other").gateway_key
        with gateway_console.connect(self.gateway) as console:
            lines = session(f"smppccm -u {key}", [("password", BY_HAND)])
            console.run(Command(lines, f"Successfully updated connector [{key}]"))
        assert self.manage("reconcile", "--plan") == 3
        assert self.manage("reconcile", "--plan", "--json") == 3
        assert self.manage("reconcile", "--json") == 0

    def _breakdown(self) -> None:
        """The database refuses, which nobody expects: a 500 with a traceback in the log."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE messaging_credentialstatus RENAME TO away")
            try:
                body = self.account | {"system_id": "third", "password": THIRD}
                answer = self.call(self.owner, "POST", CREDENTIALS, body)
            finally:
                cursor.execute("ALTER TABLE away RENAME TO messaging_credentialstatus")
        assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")

    def _operators_view(self) -> None:
        base = "/v1/messaging/smpp"
        self.call(self.operator, "GET", f"{base}/gateways")
        runs = self.call(self.operator, "GET", f"{base}/reconcile-runs", params={"limit": 100})
        for run in runs.data:
            self.call(self.operator, "GET", f"{base}/reconcile-runs/{run['id']}")
        self.call(self.owner, "GET", "/v1/audit-events", params={"limit": 100})
        self.call(self.owner, "GET", CREDENTIALS)
        for path in ("/readyz", "/healthz", "/openapi.json", "/docs/errors", "/nowhere"):
            self.call(self.owner, "GET", path)
        self.call(
            Api(self.site.base_url, token=self.site.environ["METRICS_TOKEN"]), "GET", "/metrics"
        )

    def wait(self, state: str, path: str = "") -> None:
        """Until the credential's bind is so, and the gateway has what was written."""

        def is_so() -> bool:
            row = self.owner.get(path or self.path).data
            return (row["sync"]["state"], row["bind"]["state"]) == ("synced", state)

        eventually(is_so)
