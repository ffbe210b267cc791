"""``shazhou edge check``: problems and values under the names that the agent's file gives them."""

from __future__ import annotations

from pathlib import Path

from shell import Done, shazhou
from waiting import free_port

HEAD = """\
city: town
enterprise: acme
origin: simulated
broker: {{address: "127.0.0.1:{port}"}}
sources:
"""


def checked(folder: Path, text: str, *options: str) -> Done:
    """What the check of an agent's file says; its broker is not there."""
    (folder / "edge.yaml").write_text(HEAD.format(port=free_port()) + text, encoding="utf-8")
    return shazhou("edge", "check", folder / "edge.yaml", *options)


def test_a_source_was_told_by_its_address_alone_and_not_by_its_name_and_line(tmp_path: Path) -> None:
    port = free_port()
    text = f"""\
  furnace: {{kind: modbus, host: 127.0.0.1, port: {port}, timeout: 1}}
equipment:
  press:
    State: {{source: furnace, tag: "holding:1"}}
"""
    done = checked(tmp_path, text)
    assert done.status == 1
    assert f"edge.yaml:6 sources.furnace: furnace (127.0.0.1:{port}) does not answer" in done.err
    assert f"furnace (127.0.0.1:{port}) 没有应答" in done.err
    assert "edge.yaml:4 broker.address: The broker 127.0.0.1:" in done.err


def test_a_column_that_is_not_there_was_told_without_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("at,zustand,leistung\n2026-11-26T10:00:00,3,7.5\n", encoding="utf-8")
    text = """\
  log: {kind: csv, path: log.csv, rows: {time: at}}
equipment:
  press:
    State: {source: log, tag: state}
    Power/Active: {source: log, tag: leistung}
"""
    done = checked(tmp_path, text)
    file = tmp_path / "log.csv"
    assert f"edge.yaml:9 equipment.press.State.tag: log ({file}) has no tag 'state'." in done.err
    assert f"log (csv): {file}: 3 columns; at; zustand; leistung" in done.out
    assert "press  Power/Active = 7.5  2026-11-26 10:00:00Z" in done.out


def test_a_state_was_a_bare_number_and_its_metric_without_a_value_had_no_source(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("state,mode,power\n2,3,strong\n", encoding="utf-8")
    text = """\
  log: {kind: csv, path: log.csv}
equipment:
  press:
    State: {source: log, tag: state}
    Operation Mode: {source: log, tag: mode}
    Power/Active: {source: log, tag: power}
"""
    done = checked(tmp_path, text)
    assert "press  State = 2 not_executing  " in done.out and "press  Operation Mode = 3 processing  " in done.out
    assert (
        "edge.yaml:11 equipment.press.Power/Active: Power/Active of press got no value from the tag 'power' of log."
        in (done.err)
    )
    problems = checked(tmp_path, text, "--json").json["problems"]
    assert [(each["rule"], each["row"]) for each in problems] == [
        ("edge-broker-unreachable", 4),
        ("edge-tag-unreadable", 11),
    ]


def test_a_tag_with_a_wildcard_was_refused_in_chinese_with_english_in_it(tmp_path: Path) -> None:
    text = f"""\
  line: {{kind: mqtt, host: 127.0.0.1, port: {free_port()}, timeout: 1}}
  plc: {{kind: modbus, host: 127.0.0.1, port: {free_port()}, timeout: 1}}
equipment:
  press:
    State: {{source: line, tag: "+/press"}}
    Power/Active: {{source: plc, tag: "coil:1:float32"}}
"""
    problems = {each["rule"] + each["found"]: each for each in checked(tmp_path, text, "--json").json["problems"]}
    wildcard, typed = problems["tag-malformed+/press"], problems["tag-malformedcoil:1:float32"]
    assert wildcard["zh"] == "“+/press”不是此类数据源的标签：标签只能是一个主题，不能含通配符。"
    assert wildcard["en"] == "'+/press' is no tag of this kind of source: a tag has one topic, without wildcards."
    assert typed["zh"].endswith("：coil 没有类型。") and typed["en"].endswith(": a coil has no type.")
