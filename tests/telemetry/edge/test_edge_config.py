"""The agent's file: what it may say, and where it is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from shazhou.city.problem import Refused
from shazhou.telemetry.edge.config import EdgeConfig, read_config
from shazhou.telemetry.edge.convert import typed
from shazhou.telemetry.edge.mapping import Measurement, TagMapping
from shazhou.telemetry.edge.source import ALIVE, Reading, Value
from shazhou.telemetry.names import State
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

EXAMPLE = Path(__file__).parents[3] / "examples" / "telemetry" / "edge.yaml"
HUGE = 10**400
"""An integer that no float can hold."""
HEAD = """\
city: town
enterprise: acme
origin: simulated
broker: {address: localhost}
sources:
  plc: {kind: example}
equipment:
  press:
"""


def read(folder: Path, text: str) -> EdgeConfig:
    path = folder / "edge.yaml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def refused(folder: Path, text: str) -> list[tuple[str, int | None]]:
    """Rules and lines of all problems."""
    with pytest.raises(Refused) as found:
        read(folder, text)
    for problem in found.value.problems:
        assert problem.where.file.endswith("edge.yaml")
        assert problem.says("zh") != problem.says("en")
    return [(problem.rule.id, problem.where.row) for problem in found.value.problems]


def test_the_example_is_in_order() -> None:
    config = read_config(EXAMPLE)
    assert (config.mode, config.broker.host, config.broker.port) == ("rollup", "127.0.0.1", 1883)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as found:
        read_config(tmp_path / "none.yaml")
    assert found.value.problems[0].rule.id == "edge-file-missing"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("    State: {source: plc, tag: s, value: {a: executing}}", "field-unknown"),
        ("    Sate: {source: plc, tag: s}", "edge-metric-unknown"),
        ("    Tag/: {source: plc, tag: s}", "edge-metric-unknown"),
        ("    State: {source: plx, tag: s}", "edge-source-unknown"),
        ("    State: {source: plc}", "edge-tag-missing"),
        ("    Energy/Active: {source: plc, tag: e, unit: kg}", "edge-unit-unknown"),
        ("    Tag/Oil: {source: plc, tag: e, unit: kWh}", "edge-unit-unknown"),
        ("    State: {source: plc, tag: s, values: {RUN: running}}", "edge-state-unknown"),
        ("    Operation Mode: {source: plc, tag: s, values: {RUN: executing}}", "edge-state-unknown"),
        ("    Count/Total: {source: plc, tag: s, executing_above: 3}", "edge-option-misplaced"),
        ("    Power/Active: {source: plc, tag: s, rollover: 3}", "edge-option-misplaced"),
        ("    State: {constant: 3}", "edge-option-misplaced"),
        ("    State: {source: plc, tag: s, label: kW}", "edge-option-misplaced"),
        ("    Count/Total: {source: plc, tag: 7}", "field-value"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_line(tmp_path: Path, line: str, rule: str) -> None:
    assert refused(tmp_path, f"{HEAD}{line}\n") == [(rule, 9)]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = HEAD.replace("origin: simulated\n", "shifts: [sometimes]\n")
    found = refused(tmp_path, f"{text}    State: {{source: plx, tag: s}}\n    Other: {{source: plc, tag: s}}\n")
    expected = [
        ("working-hours", 3),
        ("edge-example-unmarked", 6),
        ("edge-source-unknown", 9),
        ("edge-metric-unknown", 10),
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("enterprise: acme", "enterprise: a/b"), "field-value"),
        (("{kind: example}", "{kind: telepathy}"), "field-value"),
        (("{kind: example}", "{every: 2}"), "field-value"),
        (("{kind: example}", "{kind: example, evry: 2}"), "field-unknown"),
        (("origin: simulated", "mode: everything"), "field-value"),
        (("origin: simulated", "silense: 3"), "field-unknown"),
        (("  press:\n", ""), "field-value"),
    ],
)
def test_fields_that_do_not_fit_are_refused(tmp_path: Path, change: tuple[str, str], rule: str) -> None:
    text = f"{HEAD}    State: {{source: plc, tag: s}}\n".replace(*change)
    assert rule in {found for found, _ in refused(tmp_path, text)}


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_cannot_be_was_accepted(tmp_path: Path, port: str) -> None:
    text = f"{HEAD}    State: {{source: plc, tag: s}}\n"
    assert refused(tmp_path, text.replace("localhost", f'"localhost:{port}"')) == [("field-value", 4)]
    assert read(tmp_path, text.replace("localhost", '"localhost:65535"')).broker.port == 65535


def sentences(folder: Path, text: str) -> dict[str, str]:
    """What is said of the only problem: sentences and mending in both languages."""
    with pytest.raises(Refused) as found:
        read(folder, text)
    (problem,) = found.value.problems
    assert problem.where.file.endswith("edge.yaml") and problem.where.row
    return {name: str(problem.as_dict()[name]) for name in ("zh", "en", "mend_zh", "mend_en")}


@pytest.mark.parametrize("section", ["broker", "sources", "equipment"])
@pytest.mark.parametrize("left", ["", "SECTION:\n"], ids=["missing", "empty"])
def test_a_section_that_is_missing_was_to_be_mended_with_names_in_two_languages(
    tmp_path: Path, section: str, left: str
) -> None:
    parts = {
        "broker": "broker: {address: localhost}\n",
        "sources": "sources:\n  plc: {kind: example}\n",
        "equipment": "equipment:\n  press:\n    State: {source: plc, tag: s}\n",
    }
    parts[section] = left.replace("SECTION", section)
    told = sentences(tmp_path, "city: town\nenterprise: acme\norigin: simulated\n" + "".join(parts.values()))
    assert told["en"] == f"The file says nothing under {section}."
    for mend in (told["mend_zh"], told["mend_en"]):
        assert f" {section}: {{" in mend and "examples/telemetry/edge.yaml" in mend


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "- city\n", "town\n", "{}\n"])
def test_an_empty_file_was_refused_without_saying_what_is_empty(tmp_path: Path, text: str) -> None:
    told = sentences(tmp_path, text)
    assert "edge.yaml holds no fields" in told["en"] and "edge.yaml 中没有任何字段" in told["zh"]


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        (
            ("origin: simulated", "origin: replayed"),
            '只能是 ""（空）, simulated 或 recorded。',
            'it must be "" (none), simulated or recorded.',
        ),
        (("{kind: example}", "{kind: telepathy}"), "只能是 opcua, modbus, ", "it must be opcua, modbus, "),
        (("{kind: example}", "{every: 2}"), "须写明 kind。", "it must say its kind."),
        (("{kind: example}", "{kind: example, every: often}"), "应为数字。", "it must be a number."),
        (("acme", "a" * 65), "不得超过 64 个字符。", "it must have at most 64 characters."),
        (
            ("{kind: example}", "{kind: csv, path: a, rows: {zone: Mars}}"),
            "没有时区 Mars。",
            "there is no time zone Mars.",
        ),
        (
            ("localhost", '"localhost:99999"'),
            "端口应为 1 至 65535，而非 99999。",
            "the port must be from 1 to 65535, not 99999.",
        ),
    ],
)
def test_chinese_left_out_the_values_that_are_allowed(
    tmp_path: Path, change: tuple[str, str], zh: str, en: str
) -> None:
    told = sentences(tmp_path, f"{HEAD}    State: {{source: plc, tag: s}}\n".replace(*change))
    assert zh in told["zh"] and en in told["en"]


def test_a_password_is_in_a_file_or_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tail = "    State: {source: plc, tag: s}\n"
    (tmp_path / "secret").write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("EDGE_TEST", "from the environment")
    file, environment, neither = (
        read(tmp_path, HEAD.replace("localhost", f"localhost, username: acme, {where}") + tail).broker
        for where in ("password_file: secret", "password_env: EDGE_TEST", "password_env: EDGE_TEST_NONE")
    )
    assert file.password(tmp_path) == "from the file"
    assert environment.password(tmp_path) == "from the environment"
    with pytest.raises(Refused) as found:
        neither.password(tmp_path)
    assert found.value.problems[0].rule.id == "edge-password-missing"


@pytest.mark.parametrize(
    ("metric", "options", "told", "meant"),
    [
        ("State", "", 3, State.EXECUTING),
        ("State", "", 7, None),
        ("State", ", values: {RUN: executing, '*': not_available}", "RUN", State.EXECUTING),
        ("State", ", values: {RUN: executing, '*': not_available}", "OFF", State.NOT_AVAILABLE),
        ("State", ", values: {RUN: executing}", "OFF", None),
        ("State", ", values: {'1': executing, 'true': 2}", 1.0, State.EXECUTING),
        ("State", ", values: {'1': executing, 'true': 2}", True, State.NOT_EXECUTING),
        ("State", ", executing_above: 2.5", 2.6, State.EXECUTING),
        ("State", ", executing_above: 2.5", 2.5, State.NOT_EXECUTING),
        ("State", ", executing_above: 2.5, scale: 0.001", 2600, State.EXECUTING),
        ("Energy/Active", ", unit: Wh", 1500, 1.5),
        ("Energy/Active", ", unit: MJ", "3.6", 1.0),
        ("Power/Active", ", unit: W, scale: 10", 200, 2.0),
        ("Cycle/Planned", ", unit: min", 2, 120.0),
        ("Count/Total", "", 12.0, 12),
        ("Count/Total", "", 1e300, None),
        ("Count/Total", "", "many", None),
        ("Count/Total", "", float("nan"), None),
        ("Tag/Recipe", ", type: string", 7, "7"),
        ("Tag/Door", ", type: boolean", 1, True),
        ("Tag/Oil", ", label: °C", 41, 41.0),
        ("Tag/Oil", "", None, None),
    ],
)
def test_what_a_tag_says_is_understood(tmp_path: Path, metric: str, options: str, told: Value, meant: Value) -> None:
    mapping = TagMapping(read(tmp_path, f"{HEAD}    {metric}: {{source: plc, tag: t{options}}}\n"))
    (measurement,) = mapping.measurements("plc", Reading("t", told, 5))
    expected = pytest.approx(meant) if isinstance(meant, float) else meant
    assert measurement.value == expected and type(measurement.value) in (type(meant), int)
    assert measurement.quality == (BAD if meant is None else GOOD)
    assert measurement.at == 5


@pytest.mark.parametrize("datatype", [DataType.DOUBLE, DataType.BOOLEAN, DataType.INT32, DataType.INT64])
@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, math.nan, HUGE, -HUGE], ids=["inf", "-inf", "nan", "huge", "-huge"]
)
def test_a_number_beyond_all_bounds_is_none_of_any_type_and_ends_nothing(value: float, datatype: DataType) -> None:
    assert typed(value, datatype) is None


@pytest.mark.parametrize("value", [1e300, -1e300, 2.0**63, float(1 << 64)])
def test_a_number_that_is_too_large_for_an_integer_is_none(value: float) -> None:
    assert typed(value, DataType.INT64) is None
    assert typed(value, DataType.DOUBLE) == value


@pytest.mark.parametrize(
    ("metric", "options", "told"),
    [
        ("Count/Total", ", scale: 1000", 1e308),
        ("Tag/Oil", ", scale: 1000", -1e308),
        ("Tag/Oil", ", scale: 1000", HUGE),
        ("Tag/Oil", "", HUGE),
        ("Tag/Oil", "", "1e999"),
        ("Tag/Door", ", type: boolean, scale: 1000", 1e308),
        ("State", ", executing_above: 2.5", HUGE),
    ],
    ids=["count", "tag", "huge scaled", "huge", "text", "boolean", "huge above"],
)
def test_a_reading_that_overflows_has_no_value_and_ends_no_source(
    tmp_path: Path, metric: str, options: str, told: Value
) -> None:
    mapping = TagMapping(read(tmp_path, f"{HEAD}    {metric}: {{source: plc, tag: t{options}}}\n"))
    (measurement,) = mapping.measurements("plc", Reading("t", told, 5))
    assert (measurement.value, measurement.quality) == (None, BAD)


def test_a_tag_may_be_several_metrics_and_others_are_left_aside(tmp_path: Path) -> None:
    lines = "    Power/Active: {source: plc, tag: p}\n    State: {source: plc, tag: p, executing_above: 1}\n"
    mapping = TagMapping(read(tmp_path, HEAD + lines))
    assert mapping.tags("plc") == ("p",)
    found = list(mapping.measurements("plc", Reading("p", 2, 9, 500)))
    assert found == [Measurement("press", "Power/Active", 2.0, 9, 500), Measurement("press", "State", 3, 9, 500)]
    assert list(mapping.measurements("plc", Reading("q", 2, 9))) == []
    assert list(mapping.measurements("plc", Reading(ALIVE, None, 9))) == []


@pytest.mark.parametrize(("at", "sent"), [(-11_644_473_600_000, 0), (0, 0), (1 << 63, 7_258_118_400_000)])
def test_times_that_cannot_be_meant_are_sent_as_the_nearest_that_can(tmp_path: Path, at: int, sent: int) -> None:
    mapping = TagMapping(read(tmp_path, f"{HEAD}    State: {{source: plc, tag: s}}\n"))
    (measurement,) = mapping.measurements("plc", Reading("s", 3, at))
    assert measurement.at == sent


def test_a_text_is_sent_up_to_a_length(tmp_path: Path) -> None:
    mapping = TagMapping(read(tmp_path, f"{HEAD}    Tag/Note: {{source: plc, tag: s, type: string}}\n"))
    (measurement,) = mapping.measurements("plc", Reading("s", "x" * 100_000, 1))
    assert measurement.value == "x" * 1_000
