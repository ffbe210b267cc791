"""A configuration for Mosquitto: TLS, a user for each enterprise, and what each may read and write.

The user of an edge node is called like the node. It may write only below its own node id, and read only the commands to
itself and the host's STATE; so no enterprise can speak for another, listen to another, or command another.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.broker.embedded import PAYLOAD
from shazhou.telemetry.sparkplug.topic import NAMESPACE, state

HOST_USER = "host"
"""The user of the host application."""

NOT_A_NODE = Rule(
    "not-a-node-id",
    "{found} cannot be an edge node here.",
    "{found} 不能用作节点标识。",
    "A node id must not be `host`, nor hold / + # or white space: rights are given by its name.",
    "节点标识不得为 host，也不得含 / + # 或空白：权限按名称授予。",
)

_CONF, _ACL, _PASSWORDS = "mosquitto.conf", "rights.acl", "passwords"
_ITERATIONS = 20_000


@dataclass(frozen=True)
class Server:
    """Where the server listens and which certificate it shows."""

    listen: str
    port: int
    certificate: Path
    key: Path


def write(folder: Path, server: Server, group: str, host: str, nodes: Iterable[str]) -> dict[str, str]:
    """Writes the configuration; the passwords of users that are new, by user. They are stored only as hashes.

    Users that are known keep their passwords; whoever is no longer among the nodes loses access. Start Mosquitto anew,
    or send it SIGHUP, to make it read them.

    Raises:
        Refused: a node's name cannot be one here.
    """
    nodes = sorted(nodes)
    wrong = [node for node in nodes if node == HOST_USER or not node or set(node) & set("/+#: \t\r\n")]
    if wrong:
        raise Refused([Problem(NOT_A_NODE, Where(), each) for each in wrong])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _CONF).write_text(configuration(folder.resolve(), server), encoding="utf-8")
    (folder / _ACL).write_text(rights(group, host, nodes), encoding="utf-8")
    known = _known(folder / _PASSWORDS)
    made = {user: secrets.token_urlsafe(18) for user in (HOST_USER, *nodes) if user not in known}
    lines = [known.get(user) or hashed(user, made[user]) for user in (HOST_USER, *nodes)]
    path = folder / _PASSWORDS
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return made


def configuration(folder: Path, server: Server) -> str:
    """mosquitto.conf."""
    return f"""\
# TLS alone, no one without a password, rights by name. Written by `shazhou broker config`.
per_listener_settings false
allow_anonymous false
password_file {folder / _PASSWORDS}
acl_file {folder / _ACL}
persistence false
max_packet_size {PAYLOAD + 1024}
max_queued_messages 100000
max_inflight_messages 1000

listener {server.port} {server.listen}
certfile {server.certificate}
keyfile {server.key}
tls_version tlsv1.2
# A connection throws out an older one of its client id: each user has one of its own.
use_username_as_clientid true
"""


def rights(group: str, host: str, nodes: Iterable[str]) -> str:
    """What each user may read and write, as Mosquitto's acl_file."""
    lines = [
        f"user {HOST_USER}",
        f"topic read {NAMESPACE}/{group}/#",
        *(f"topic write {NAMESPACE}/{group}/{kind}/#" for kind in ("NCMD", "DCMD")),
        f"topic readwrite {state(host)}",
    ]
    for node in nodes:
        lines += [
            "",
            f"user {node}",
            *(f"topic write {NAMESPACE}/{group}/{kind}/{node}" for kind in ("NBIRTH", "NDEATH", "NDATA")),
            *(f"topic write {NAMESPACE}/{group}/{kind}/{node}/+" for kind in ("DBIRTH", "DDEATH", "DDATA")),
            f"topic read {NAMESPACE}/{group}/NCMD/{node}",
            f"topic read {NAMESPACE}/{group}/DCMD/{node}/+",
            f"topic read {state(host)}",
        ]
    return "\n".join(lines) + "\n"


def hashed(user: str, password: str) -> str:
    """A line of Mosquitto's password_file: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    encoded = "$".join(base64.b64encode(each).decode() for each in (salt, digest))
    return f"{user}:$7${_ITERATIONS}${encoded}"


def _known(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.partition(":")[0]: line for line in lines if ":" in line}
