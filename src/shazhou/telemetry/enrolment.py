"""Enrolment: which enterprises promised to connect, and the one public key that each gateway signs with.

All of it are observations. An enterprise is in the register as joining (level 0) from the day on which its attribute
``joining`` is stated; its edge node is called like its key in the ledger. Its ``telemetry_key`` is enrolled once: of
several keys the first counts, unless a later one was enrolled to replace the one before it, with a reason; both stay.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shazhou.city.calendar import Calendar, lines_of
from shazhou.city.code import wrong_public_key
from shazhou.city.model import City, Source
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import AsOf, Ledger
from shazhou.ledger.reason import given_reason
from shazhou.ledger.submission import Delivery, Submission
from shazhou.telemetry.statement import Statement, observations

JOINING, KEY, HOURS = "joining", "telemetry_key", "working_hours"
SOURCE = "joining"
"""The source of the city folder that enrolments cite."""

REPLACES = "replaces "
"""How the note of a key begins that was enrolled to replace another: then that key, a colon and the reason."""

NOT_JOINING = Rule(
    "not-joining",
    "{found} is not in the register as joining.",
    "{found} 不在接入登记中。",
    "Load it first: shazhou load joining.csv --mapping joining; shazhou enrolled lists the register.",
    "请先载入登记：shazhou load joining.csv --mapping joining；shazhou enrolled 可列出登记名单。",
)
NOT_A_KEY = Rule(
    "not-a-key",
    "{found} is no Ed25519 public key in base64: {en}.",
    "{found} 不是 base64 格式的 Ed25519 公钥：{zh}。",
    "Give what shazhou edge key prints: 32 bytes in base64, 44 characters.",
    "请填写 shazhou edge key 输出的内容：32 字节的 base64，共 44 个字符。",
)
HAS_A_KEY = Rule(
    "key-enrolled-once",
    "{found} has a key already: {key}.",
    "{found} 已登记公钥：{key}。",
    "Where its gateway was really replaced: --replace with --reason; both keys stay in the ledger.",
    "如网关确已更换，请使用 --replace 并以 --reason 说明原因；两个公钥均保留在账本中。",
)
KEY_OF_ANOTHER = Rule(
    "key-of-another",
    "This key is that of {found}.",
    "该公钥已由 {found} 使用。",
    "Every gateway makes a key of its own; make a new one.",
    "每台网关须生成自己的密钥，请重新生成。",
)
NO_SOURCE = Rule(
    "no-such-source",
    "The city folder has no source {found}.",
    "城市文件夹中没有来源 {found}。",
    "Add it to sources.yaml, with public: false; cities/zhangjiagang has an example.",
    "请在 sources.yaml 中添加（public: false），可参考 cities/zhangjiagang。",
)

_READ = (JOINING, KEY, HOURS, "name", "name_en", "place", "industry")


@dataclass(frozen=True)
class Enrolled:
    """An enterprise that is in the register as joining.

    ``node`` is its edge node, ``name`` its names by language, ``town`` and ``industry`` keys of the city folder (empty:
    not stated), ``key`` the public key in base64 (empty: none yet), ``joined`` the last day of the promised period,
    ``shifts`` its working hours as lines (none: the city's), ``origin`` simulated, recorded or empty.
    """

    node: str
    entity: str
    name: Mapping[str, str]
    town: str = ""
    industry: str = ""
    key: str = ""
    joined: date | None = None
    shifts: tuple[str, ...] = ()
    origin: str = ""

    def calendar(self, city: City) -> Calendar:
        """Its working hours in the city's zone."""
        return Calendar.parse(self.shifts or city.presence.hours, city.zone, Where(self.node))


def enrolled(ledger: Ledger, city: City, as_of: AsOf = None) -> dict[str, Enrolled]:
    """The enterprises in the register as joining, by node in order; ``as_of`` a head or a time."""
    connection = connect()
    try:
        stated = ledger.observations(connection, as_of)
        ours = stated.filter(stated.variable == JOINING).select("entity").distinct()
        about = stated.filter(stated.variable.isin(_READ)).semi_join(ours, "entity")
        columns = ("entity", "variable", "start", "source", "text", "origin", "note", "sequence", "position")
        rows = connection.to_pyarrow(about.select(*columns)).to_pylist()
    finally:
        connection.disconnect()
    held: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in _live(rows):
        held[row["entity"]][row["variable"]].append(row)
    found = [_enrolled(entity, said) for entity, said in sorted(held.items()) if JOINING in said]
    return {each.node: each for each in found}


def enrol(
    ledger: Ledger, city: City, node: str, key: str, deliverer: str, replace: bool = False, reason: str = ""
) -> Submission | None:
    """Enrols the public key of a node's gateway; None where it is the node's key already.

    Raises:
        Refused: the node is not joining; the text is no key, or another node's; the node has a key and it is not to be
            replaced, or no reason is given.
    """
    register = enrolled(ledger, city)
    source = source_named(city, SOURCE)
    if node not in register:
        raise Refused([Problem(NOT_JOINING, Where(), node)])
    public_key(key)
    one = register[node]
    if one.key == key:
        return None
    holder = next((other.node for other in register.values() if other.key == key), "")
    if holder:
        raise Refused([Problem(KEY_OF_ANOTHER, Where(), holder)])
    if one.key and not replace:
        raise Refused([Problem(HAS_A_KEY, Where(), node, {"key": one.key})])
    note = f"{REPLACES}{one.key}: {given_reason(reason)}" if one.key else ""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    document = {"node": node, "key": key, "replaces": one.key, "reason": reason.strip(), "day": today}
    stated = Statement(one.entity, KEY, today, text=key, given=key, label="key", origin=one.origin, note=note)
    delivery = Delivery(
        id=f"enrolment:{node}:{key}:{len(ledger.submissions())}",
        deliverer=deliverer,
        door="form",
        title=f"公钥登记 Key enrolled: {one.name.get('zh') or one.name.get('en') or node}",
        document=json.dumps(document, ensure_ascii=False, indent=2).encode(),
        document_name=f"enrolment-{node}.json",
        source=source.title,
    )
    return ledger.append(delivery, observations([stated], source, today))


def public_key(text: str, rule: Rule = NOT_A_KEY) -> Ed25519PublicKey:
    """The Ed25519 public key that 44 characters of base64 stand for; Refused by the rule where they stand for none, or
    are not how it is written."""
    wrong = wrong_public_key(text)
    if wrong is not None:
        raise Refused([Problem(rule, Where(), text, {"zh": wrong[0], "en": wrong[1]})])
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text))


def source_named(city: City, name: str) -> Source:
    """The source of the city folder that a door cites; Refused where there is none."""
    if name not in city.sources:
        raise Refused([Problem(NO_SOURCE, Where("sources.yaml"), name)])
    return city.sources[name]


def _live(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What holds of what was stated, the oldest first: of one source about one thing and day the newest, unless it
    withdraws. Keys are no such thing: a second one beside the first is kept, to be judged."""
    newest: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["sequence"], row["position"])):
        key = (row["entity"], row["variable"], row["start"], row["source"])
        if row["text"] is None or row["variable"] != KEY:
            newest[key].clear()
        if row["text"] is not None:
            newest[key].append(row)
    return iter(sorted((row for held in newest.values() for row in held), key=_order))


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["start"], row["sequence"], row["position"])


def _enrolled(entity: str, said: Mapping[str, list[dict[str, Any]]]) -> Enrolled:
    def text(variable: str) -> str:
        return str(said[variable][-1]["text"]) if said.get(variable) else ""

    origins = {row["origin"] for variable in (JOINING, KEY) for row in said.get(variable, ())}
    return Enrolled(
        entity.partition(":")[2],
        entity,
        {language: name for language, name in (("zh", text("name")), ("en", text("name_en"))) if name},
        text("place"),
        text("industry"),
        _key(said.get(KEY, ())),
        Period.parse(text(JOINING)).end,
        lines_of(text(HOURS)),
        next((mark for mark in ("simulated", "recorded") if mark in origins), ""),
    )


def _key(stated: Iterable[Mapping[str, Any]]) -> str:
    """The key that counts: the first, and then those that each replace the one before."""
    current = ""
    for row in sorted(stated, key=lambda row: (row["sequence"], row["position"])):
        if not current or str(row["note"]).startswith(f"{REPLACES}{current}: "):
            current = str(row["text"])
    return current
