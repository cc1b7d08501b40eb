"""States in few words, for the pure tests."""

from __future__ import annotations

from messaging.credentials.models import default_addressing
from reconciler.jasmin import connector_settings, user_settings
from reconciler.state import Connector, Group, Kind, State, User

SETTINGS = connector_settings.connector_settings(
    address="192.0.2.1",
    port=2775,
    system_id="acme",
    system_type="",
    bind_type="transceiver",
    tls=False,
    throughput=50,
    enquire_link_interval=30,
    message_id_format="same",
    gsm_data_coding=0,
    bind_ton=0,
    bind_npi=0,
    address_range="",
    addressing=default_addressing(),
)
USER = user_settings.PINNED_USER


def user(uid: str, gid: str = "obg", **fields: object) -> User:
    settings = {**USER, **fields.pop("settings", {})}
    values = {"username": uid, "password": "user-pw", "settings": settings} | fields
    return User(uid, gid, **values)


def connector(cid: str, *, running: bool = True, **fields: object) -> Connector:
    settings = {**SETTINGS, **fields.pop("settings", {})}
    return Connector(cid, running, settings, **{"password": "carrier"} | fields)


def bound(cid: str, **fields: object) -> Connector:
    return connector(cid, session="BOUND_TRX", starts=1, **fields)


def state(*objects: Group | User | Connector, **fields: object) -> State:
    """A state of these objects; `foreign={Kind.USER: ("them",)}` and the like as State takes it."""
    return State(
        groups={each.gid: each for each in objects if isinstance(each, Group)},
        users={each.uid: each for each in objects if isinstance(each, User)},
        connectors={each.cid: each for each in objects if isinstance(each, Connector)},
        **fields,
    )


def account(name: str, gid: str = "obg", **fields: object) -> tuple[User, Connector]:
    """Return the objects of one credential."""
    return user(name, gid), connector(name, **fields)


__all__ = [
    "SETTINGS",
    "USER",
    "Group",
    "Kind",
    "account",
    "bound",
    "connector",
    "state",
    "user",
]
