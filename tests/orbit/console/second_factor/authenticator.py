"""An authenticator without a screen, and a browser that asks it as passkeys.js does."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from orbit.accounts.models import User
from tests.factories import PASSWORD

FLAG = AuthenticatorData.FLAG
SITE = "https://sms.example.com:8443"
HOME, LOGIN, SET_UP = "/admin/", "/admin/login/", "/admin/console/second-factor/set-up/"
ADD, PROVE, SIGN_IN = (
    f"{SET_UP}passkeys/",
    "/admin/console/second-factor/passkey/",
    "/admin/console/sign-in/passkey/",
)


class Authenticator:
    """Holds one key. `counter` goes up by `step`; `flags` are what it says of its person."""

    def __init__(self, *, step: int = 1, origin: str = SITE, rp_id: str = "sms.example.com"):
        self.origin, self.rp_id, self.step = origin, rp_id, step
        self.flags = FLAG.UP | FLAG.UV
        self.counter = 0
        self.algorithm = ES256.ALGORITHM
        self.user_handle = ""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        self.user_handle = options["user"]["id"]
        public = ES256.from_cryptography_key(self._key.public_key())
        public[3] = self.algorithm
        credential = AttestedCredentialData.create(bytes(16), self.credential_id, public)
        data = self._data(self.flags | FLAG.AT, credential)
        attestation = AttestationObject.create("none", data, {})
        client_data = self._client_data("webauthn.create", options)
        return self._answer(clientDataJSON=client_data, attestationObject=attestation)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        self.counter += self.step
        data, client_data = self._data(self.flags), self._client_data("webauthn.get", options)
        signature = self._key.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))
        answer = self._answer(
            clientDataJSON=client_data, authenticatorData=data, signature=signature
        )
        answer["response"]["userHandle"] = self.user_handle
        return answer

    def _data(self, flags: FLAG, credential: bytes = b"") -> AuthenticatorData:
        rp_id_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return AuthenticatorData.create(rp_id_hash, flags, self.counter, credential)

    def _client_data(self, kind: str, options: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, options["challenge"], self.origin)

    def _answer(self, **response: bytes) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        told = {key: websafe_encode(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": told}


class Browser(Client):
    """Signs its person in by password, and has `authenticator` beside it."""

    def __init__(self, person: User | None = None, authenticator: Authenticator | None = None):
        super().__init__()
        self.authenticator = authenticator or Authenticator()
        if person is not None:
            self.post(LOGIN, {"username": person.email, "password": PASSWORD})

    def options(self, path: str, **form: str) -> dict[str, Any]:
        return self.post(f"{path}options/", form).json()

    def add(self, name: str = "Phone", **form: str) -> HttpResponse:
        form = {"name": name, "own_password": PASSWORD} | form
        options = self.options(ADD, **form)
        if "error" in options:
            return self.get(SET_UP)
        return self.send(ADD, self.authenticator.create(options), name=name)

    def prove(self, **form: str) -> HttpResponse:
        return self.send(PROVE, self.authenticator.get(self.options(PROVE)), **form)

    def sign_in(self, **form: str) -> HttpResponse:
        return self.send(SIGN_IN, self.authenticator.get(self.options(SIGN_IN)), **form)

    def send(self, path: str, answer: Any, **form: str) -> HttpResponse:
        return self.post(path, {"answer": json.dumps(answer), **form})

    def is_inside(self) -> bool:
        return self.get(HOME).status_code == 200
