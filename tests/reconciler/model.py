"""A Jasmin that is only tables: what its console answers and what becomes of them. No I/O.

It answers the transcripts as the real one did (`test_model.py`), so what is shown with it holds
for the real one as far as the console goes. Its carriers take every bind at once.
"""

from __future__ import annotations

import re

from reconciler.state import User
from tests.reconciler.model_console import ModelConsole
from tests.reconciler.model_objects import CONNECTOR, ROUTES, Account, Link, Way

_TYPED = {"yes": "True", "no": "False", "none": "ND"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ALL_NEEDED = "You must set User id (uid), group (gid), username and password before saving !"


class ModelJasmin:
    """`groups`, `users`, `connectors` are its tables; `typed` is every line that came.

    - `dies_at`: it hangs up at the line with this number (from 0).
    - `persists`: how often it was told to persist.
    - `binds`: its carriers take binds.
    - `capabilities`: what its launcher says it can do.
    """

    def __init__(self) -> None:
        self.groups: dict[str, bool] = {}
        self.users: dict[str, Account] = {}
        self.connectors: dict[str, Link] = {}
        self.routes: dict[int, Way] = {}
        self.typed: list[str] = []
        self.dies_at: int | None = None
        self.epoch = "2026-01-02 03:04:05"
        self.persists = 0
        self.binds = True
        self.capabilities: frozenset[str] = frozenset()

    def console(self) -> ModelConsole:
        return ModelConsole(self)

    def lets_in(self, _http_url: str, user: User) -> bool:
        """Does its HTTP API take this user's password?"""
        found = self.users.get(user.uid)
        if found is None or not (found.enabled and self.groups[found.gid]):
            return False
        return found.password == user.password

    def tables(self) -> str:
        """Return all tables as text, to see whether anything has changed."""
        return repr((self.groups, self.users, self.connectors, self.routes))

    # -- top level ------------------------------------------------------------------------

    def top(self, line: str) -> list[str]:
        match line.split(" "):
            case ["group", "-l"]:
                return self._group_list()
            case ["group", "-e" | "-d" as option, gid] if gid in self.groups:
                self.groups[gid] = option == "-e"
                return [f"Successfully {_switched(option)} Group id:{gid}"]
            case ["group", "-r", gid] if gid in self.groups:
                del self.groups[gid]
                self.users = {uid: u for uid, u in self.users.items() if u.gid != gid}
                return [f"Successfully removed Group id:{gid}"]
            case ["group", "-e" | "-d" | "-r", gid]:
                return [f"Unknown Group: {gid}"]
            case ["user", "-l"]:
                return self._user_list()
            case ["user", *_, uid] if line != "user" and uid not in self.users:
                return [f"Unknown User: {uid}"]
            case ["user", *rest]:
                return self._user(*rest)
            case ["smppccm", "-l"]:
                return self._connector_list()
            case ["smppccm", _, cid] if cid not in self.connectors:
                return [f"Unknown connector: {cid}"]
            case ["smppccm", option, cid]:
                return self._connector(option, self.connectors[cid])
            case ["mtrouter", "-l"]:
                rows = [way.row() for _, way in sorted(self.routes.items(), reverse=True)]
                return [*([ROUTES] if rows else []), *rows, f"Total MT Routes: {len(rows)}"]
            case ["mtrouter", "-r", order] if int(order) in self.routes:
                del self.routes[int(order)]
                return [f"Successfully removed MT Route with order:{order}"]
            case ["mtrouter", "-r", order]:
                return [f"Unknown MT Route: {order}"]
            case ["filter", "-l"]:
                return ["Total Filters: 0"]  # ours leave none behind
            case ["filter", "-r", fid]:
                return [f"Successfully removed Filter id:{fid}"]
            case ["stats", "--user", _]:
                return ['#bound_connections_count  SMPP Server  {"bind_receiver": 0}']
            case ["stats", "--httpapi"]:
                return [
                    "#Item                     Value",
                    f"#created_at               {self.epoch}",
                ]
            case ["persist"]:
                self.persists += 1
                kinds = "group user mointerceptor mtinterceptor morouter mtrouter smppcc filter"
                said = "configuration persisted (profile:jcli-prod)"
                return [f"{kind} {said}" for kind in [*kinds.split(), "httpcc"]]
        word = re.match(r"\w*", line)[0]
        return [f"Incorrect command: {word}, type help for a list of commands"]

    def _group_list(self) -> list[str]:
        rows = [f"#{gid if on else f'!{gid}':<16}" for gid, on in self.groups.items()]
        return [*(["#Group id        "] if rows else []), *rows, f"Total Groups: {len(rows)}"]

    def _user_list(self) -> list[str]:
        rows = []
        for user in self.users.values():
            uid = user.uid if user.enabled else f"!{user.uid}"
            gid = user.gid if self.groups[user.gid] else f"!{user.gid}"
            columns = [f"{uid:<16}", f"{gid:<16}", f"{user.username:<16}"]
            rows.append(f"#{' '.join(columns)} ND (!)  ND (!) ND/ND   ")
        head = "#User id          Group id         Username         Balance MT SMS Throughput"
        return [*([head] if rows else []), *rows, f"Total Users: {len(rows)}"]

    def _user(self, option: str, uid: str) -> list[str]:
        user = self.users[uid]
        match option:
            case "-s":
                levels = [f"uid {uid}", f"gid {user.gid}", f"username {user.username}"]
                return [*levels, *(f"{key} {value}" for key, value in user.settings.items())]
            case "-e" | "-d":
                user.enabled = option == "-e"
                return [f"Successfully {_switched(option)} User id:{uid}"]
            case "-r":
                del self.users[uid]
                return [f"Successfully removed User id:{uid}"]
        return [f"Successfully unbound User id:{uid}"]

    def _connector_list(self) -> list[str]:
        rows = [
            f"#{link.cid:<35} {'started' if link.running else 'stopped'} "
            f"{link.session if self.binds else 'NONE':<16} "
            f"{link.starts:<6} {link.stops:<5}"
            for link in self.connectors.values()
        ]
        head = "#Connector id                        Service Session          Starts Stops"
        return [*([head] if rows else []), *rows, f"Total connectors: {len(rows)}"]

    def _connector(self, option: str, link: Link) -> list[str]:
        match option:
            case "-s":
                return [f"cid {link.cid}", *(f"{k} {v}" for k, v in link.settings.items())]
            case "-r":
                del self.connectors[link.cid]
                return [f"Successfully removed connector id:{link.cid}"]
            case "-1" if not link.running:
                link.running, link.starts = True, link.starts + 1
                return [f"Successfully started connector id:{link.cid}"]
            case "-0" if link.running:
                link.running, link.stops = False, link.stops + 1
                return [f"Successfully stopped connector id:{link.cid}"]
        verb = {"-1": "starting", "-0": "stopping"}[option]
        return [f"Failed {verb} connector, check log for details"]

    # -- dialogues: what `ok` does with what was typed ------------------------------------------

    def add_group(self, typed: dict[str, str]) -> tuple[list[str], bool]:
        gid = typed.get("gid", "")
        if not gid:
            return ["You must set Group id (gid) before saving !"], False
        if not _ID.fullmatch(gid):
            return ["Error: Group gid syntax is invalid"], False
        self.groups[gid] = True
        return [f"Successfully added Group [{gid}]"], True

    def add_user(self, typed: dict[str, str]) -> tuple[list[str], bool]:
        if not {"uid", "gid", "username", "password"} <= typed.keys():
            return [_ALL_NEEDED], False
        if not 1 <= len(typed["password"]) <= 16:
            return ["Error: Invalid password length !"], False
        user = Account(*(typed.pop(key) for key in ("uid", "gid", "username", "password")))
        for key, value in typed.items():
            user.settings[key] = _TYPED.get(value, value)
        for other in self.users.values():
            if other.uid == user.uid or other.username == user.username:
                del self.users[other.uid]
                break
        self.users[user.uid] = user
        return [f"Successfully added User [{user.uid}] to Group [{user.gid}]"], True

    def add_connector(self, typed: dict[str, str]) -> tuple[list[str], bool]:
        cid = typed.pop("cid", "")
        if cid in self.connectors:
            return ["Failed adding connector, check log for details"], False
        if len(cid) < 3:
            return ["Error: SMPPConfig id syntax is invalid"], False
        if typed.get("port", "").lower() == "none":
            return ["Error: port must be an integer"], False
        self.connectors[cid] = Link(cid, CONNECTOR | typed)
        return [f"Successfully added connector [{cid}]"], True

    def update_user(self, uid: str, typed: dict[str, str]) -> tuple[list[str], bool]:
        for key, value in typed.items():
            self.users[uid].settings[key] = _TYPED.get(value, value)
        return [f"Successfully updated User [{uid}]"], True

    def add_route(self, typed: dict[str, str], filters: dict[str, str]) -> tuple[list[str], bool]:
        cids = re.findall(r"smppc\(([^)]*)\)", typed["connectors"])
        unknown = next((cid for cid in cids if cid not in self.connectors), None)
        if unknown is not None:
            return [f"Unknown smppc cid: {unknown}"], False
        shown = [filters[fid] for fid in typed["filters"].split(";")]
        order = int(typed["order"])
        self.routes[order] = Way(order, typed["type"], tuple(cids), tuple(shown))
        return [f"Successfully added MTRoute [{typed['type']}] with order:{order}"], True

    def update_connector(self, cid: str, typed: dict[str, str]) -> tuple[list[str], bool]:
        if not typed:
            return ["Nothing to save"], False
        self.connectors[cid].settings.update(typed)
        return [f"Successfully updated connector [{cid}]"], True


def _switched(option: str) -> str:
    return {"-e": "enabled", "-d": "disabled"}[option]
