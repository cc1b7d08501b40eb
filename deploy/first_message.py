"""Send one message through the site to a simulated carrier and wait for its receipt.

`first-message.sh` runs it with the site's settings. Its exit status is 0 only if the message is
delivered.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

SITE = os.environ["SITE_ADDRESS"]
CARRIER = "127.0.0.2"  # the one address that install.sh --simulator allows
PORT = 2776
PATIENCE = 90.0  # seconds
MANAGE = [sys.executable, "manage.py"]


def main(number: str) -> None:
    # With a random password: without one the site would mail a link to an address that is not real.
    organization = _manage(
        *("create_organization", "First message", "--email", _address()),
        *("--password-stdin", "--json"),
        said=secrets.token_urlsafe(24),
    )
    api = Api(organization["api_key"])
    account = {"system_id": "first", "password": secrets.token_hex(4)}
    with _simulator(account) as simulator:
        try:
            _send(api, account, number)
        finally:
            try:
                for path in reversed(api.made):
                    api("DELETE", path)
            finally:
                simulator.terminate()  # else `with` would wait for it without end


def _send(api: Api, account: dict[str, str], number: str) -> None:
    credential = api(
        "POST",
        "/messaging/smpp/credentials",
        {"name": "Simulator", "host": CARRIER, "port": PORT, **account},
    )
    path = f"/messaging/smpp/credentials/{credential['id']}"
    _wait("the bind", lambda: api("GET", path), lambda seen: seen["bind"]["state"] == "bound")
    print("bound to the carrier, through the gateway")
    carrier = {"name": "Simulator", "credential_id": credential["id"], "countries": ["*"]}
    api("POST", "/messaging/smpp/carriers", carrier)
    text = {"to": number, "from": "ORBIT", "body": "The first message"}
    message = api("POST", "/messages/sms", text)
    print(f"accepted {message['id']} to {number}")
    ends = ("delivered", "undelivered", "failed", "expired", "submitted_no_receipt")
    seen = _wait(
        "the receipt",
        lambda: api("GET", f"/messages/{message['id']}"),
        lambda seen: seen["status"] in ends,
    )
    for event in seen["events"]:
        print(f"  {event['at']}  {event['status']}")
    if seen["status"] != "delivered":
        sys.exit(f"the message ended {seen['status']}: {seen['error']}")
    print(f"delivered {message['id']}")


class Api:
    """The site's `/v1`, with a key. `made`: paths of the credential and the carrier, in order."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.made: list[str] = []

    def __call__(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(
            f"{SITE}/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "X-API-Key": self._key,
                "Content-Type": "application/json",
                "X-Forwarded-Proto": "https",  # as the TLS proxy sets it
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # nosec B310  # the site
                data = json.loads(answer.read() or b"{}").get("data", {})
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}")
        if method == "POST" and "/smpp/" in path:
            self.made.append(f"{path}/{data['id']}")
        return data


def _simulator(account: dict[str, str]) -> subprocess.Popen:
    """Start a carrier. Its account goes over standard input, so that no process list shows it."""
    simulator = subprocess.Popen(  # nosec B603  # no shell; our own command
        [*MANAGE, "smsc_simulator", "--host", CARRIER, "--port", str(PORT), "--systems", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    # As with real phones, the receipt comes a second after the answer.
    json.dump({"systems": [{**account, "faults": ["late-receipt:1"]}]}, simulator.stdin)
    simulator.stdin.close()
    return simulator


def _manage(*arguments: str, said: str) -> dict:
    done = subprocess.run(  # nosec B603  # no shell; our own commands
        [*MANAGE, *arguments], input=said, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def _address() -> str:
    return f"first-message-{secrets.token_hex(4)}@example.com"


def _wait(what: str, look: Callable[[], dict], is_so: Callable[[dict], bool]) -> dict:
    deadline = time.monotonic() + PATIENCE
    while not is_so(seen := look()):
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {PATIENCE:g} s; last seen: {json.dumps(seen)}")
        time.sleep(0.3)
    return seen


if __name__ == "__main__":
    main(sys.argv[1])
