"""DATA: aliases, types, qualities, times, records; tests of the Sparkplug TCK's assertions are named by them."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import START, Listening, Node, real, speaking

from shazhou.telemetry.host import decode
from shazhou.telemetry.host.births import Birth
from shazhou.telemetry.sparkplug.datatype import SIGNED, UNSIGNED, DataType
from shazhou.telemetry.sparkplug.descriptor import DataSet, Payload, Template
from shazhou.telemetry.sparkplug.payload import BAD, GOOD, STALE, Sample, add

T = DataType


def born(*samples: Sample) -> tuple[Listening, Node]:
    listening = Listening()
    node = Node(listening)
    node.birth()
    node.device("press", *samples)
    return listening, node


def kept(datatype: DataType, value: Any, alias: int | None = 5) -> Any:
    """What is kept of a value that DATA carries by alias alone (or by name), after a birth that told its type."""
    listening, node = born(Sample("it", datatype, None, START, alias))
    made = node.made(Sample("it", datatype, value, START, alias), device="press")
    made.metrics[0].ClearField("datatype")
    node.say(made, "press")
    assert not listening.host.outbox.counts
    return listening.values()[0]


def test_tck_id_payloads_alias_uniqueness() -> None:
    listening, node = born(real(None, alias=1), Sample("cold", T.DOUBLE, None, START, 1))
    node.device("lathe", Sample("speed", T.DOUBLE, None, START, 1))
    assert listening.host.outbox.counts == {"alias-twice": 2}
    node.data(real(1.0), device="press")
    assert [row["metric"] for row in listening.samples()] == ["heat"]


def test_tck_id_payloads_alias_birth_requirement() -> None:
    listening = Listening()
    node = Node(listening)
    node.birth()
    made = node.made(Sample("heat", T.DOUBLE, None, START, 1))
    node.hear("DBIRTH", made, "press")
    assert listening.host.outbox.counts == {"birth-name-missing": 1}


def test_tck_id_payloads_timestamp_in_utc() -> None:
    listening, node = speaking()
    node.data(real(1.0, at=START - 12_345), device="press")
    (row,) = listening.samples()
    assert (row["at"], row["received"]) == (START - 12_345, START)


def test_tck_id_payloads_name_birth_data_requirement() -> None:
    """Where a metric carries no time although it must, the message's counts."""
    listening, node = speaking()
    made = node.made(real(1.0), device="press")
    made.metrics[0].ClearField("timestamp")
    made.timestamp = START - 3
    node.say(made, "press")
    assert [row["at"] for row in listening.samples()] == [START - 3]


@pytest.mark.parametrize("quality", [BAD, GOOD, STALE])
def test_tck_id_payloads_propertyset_quality_value_value(quality: int) -> None:
    listening, node = speaking()
    node.data(real(1.0, quality=quality), device="press")
    assert [row["quality"] for row in listening.samples()] == [quality]
    assert listening.holds("press", "heat") is (quality == GOOD)


def test_tck_id_operational_behavior_data_publish_nbirth_order() -> None:
    """Samples are kept in the order in which they came; an older one does not become the current value."""
    listening, node = speaking()
    for place, at in enumerate((START + 1, START + 3, START + 2)):
        node.data(real(float(place), at=at), device="press")
    assert listening.values() == [0.0, 1.0, 2.0]
    assert listening.host.current.number[1] == 1.0


def test_a_historical_sample_is_kept_with_its_time_and_is_not_the_current_value() -> None:
    listening, node = speaking()
    node.data(real(1.0), device="press")
    node.data(real(2.0, at=START - 5, historical=True), device="press")
    node.data(real(3.0, at=START + 5, historical=True), real(4.0, at=START - 7), device="press")
    assert [(row["value"], row["historical"]) for row in listening.samples()] == [
        (1.0, False), (2.0, True), (3.0, True), (4.0, False),
    ]  # fmt: skip
    assert listening.host.current.number[1] == 1.0


def test_a_transient_sample_is_current_and_not_kept() -> None:
    listening, node = speaking()
    node.data(real(1.0, transient=True), device="press")
    assert not listening.samples()
    assert listening.host.current.number[1] == 1.0


def test_a_null_is_kept_as_null() -> None:
    listening, node = speaking()
    node.data(real(None), device="press")
    (row,) = listening.samples()
    assert row["integer"] is row["real"] is row["text"] is None


@pytest.mark.parametrize("alias", [5, None])
@pytest.mark.parametrize("datatype", [*SIGNED, *UNSIGNED])
@given(st.data())
@settings(max_examples=25)
def test_integers_of_every_width_and_sign_come_back(datatype: DataType, alias: int | None, data: Any) -> None:
    bits = SIGNED.get(datatype) or UNSIGNED[datatype]
    least = -(1 << bits - 1) if datatype in SIGNED else 0
    value = data.draw(st.integers(least, least + (1 << bits) - 1))
    found = kept(datatype, value, alias)
    assert found == (value if value < 1 << 63 else str(value))


@given(st.floats(allow_nan=False))
@settings(max_examples=25)
def test_reals_come_back(value: float) -> None:
    assert kept(T.DOUBLE, value) == value
    narrow = struct.unpack("<f", struct.pack("<f", value))[0] if abs(value) < 1e38 else 0.0
    assert kept(T.FLOAT, narrow) == narrow


@pytest.mark.parametrize("datatype", [T.STRING, T.TEXT, T.UUID])
def test_texts_come_back(datatype: DataType) -> None:
    assert kept(datatype, "压力机 № 3 \U0001f3ed") == "压力机 № 3 \U0001f3ed"


@pytest.mark.parametrize(
    ("datatype", "value", "expected"),
    [
        (T.BOOLEAN, True, 1),
        (T.BOOLEAN, False, 0),
        (T.DATETIME, START, START),
        (T.BYTES, b"\0\xff", "AP8="),
        (T.FILE, b"", ""),
        (T.INT8_ARRAY, [-1, 127], "[-1,127]"),
        (T.INT16_ARRAY, [-300], "[-300]"),
        (T.INT32_ARRAY, [-70_000], "[-70000]"),
        (T.INT64_ARRAY, [-(1 << 63)], "[-9223372036854775808]"),
        (T.UINT8_ARRAY, [255], "[255]"),
        (T.UINT16_ARRAY, [65_535], "[65535]"),
        (T.UINT32_ARRAY, [1 << 31], "[2147483648]"),
        (T.UINT64_ARRAY, [1 << 63], "[9223372036854775808]"),
        (T.FLOAT_ARRAY, [0.5, float("nan")], "[0.5,null]"),
        (T.DOUBLE_ARRAY, [0.1], "[0.1]"),
        (T.BOOLEAN_ARRAY, [True] * 8 + [False], "[true,true,true,true,true,true,true,true,false]"),
        (T.STRING_ARRAY, ["a", "", "中"], '["a","","中"]'),
        (T.DATETIME_ARRAY, [START], f"[{START}]"),
    ],
)
def test_every_other_plain_type_comes_back(datatype: DataType, value: Any, expected: object) -> None:
    assert kept(datatype, value) == expected


def test_a_dataset_comes_back() -> None:
    table = DataSet(num_of_columns=2, columns=["heat", "grade"], types=[T.INT16, T.STRING])
    row = table.rows.add()
    row.elements.add(int_value=(1 << 32) - 2)
    row.elements.add(string_value="A")
    table.rows.add().elements.extend([row.elements[0], type(row.elements[0])()])
    assert json.loads(kept(T.DATASET, table)) == {
        "columns": ["heat", "grade"],
        "types": ["INT16", "STRING"],
        "rows": [[-2, "A"], [-2, None]],
    }


def test_a_template_comes_back_with_templates_in_it() -> None:
    inner, outer = Template(template_ref="Inner"), Template(template_ref="Outer", version="2")
    inner.metrics.add(name="rpm", datatype=T.INT8, int_value=255)
    outer.metrics.add(name="motor", datatype=T.TEMPLATE).template_value.CopyFrom(inner)
    outer.metrics.add(name="none", datatype=T.INT8, is_null=True)
    outer.parameters.add(name="poles", type=T.UINT8, int_value=4)
    found = json.loads(kept(T.TEMPLATE, outer))
    assert found["metrics"][0]["value"]["metrics"] == [{"name": "rpm", "type": "INT8", "value": -1}]
    assert found["metrics"][1]["value"] is None
    assert (found["template"], found["version"]) == ("Outer", "2")
    assert found["parameters"] == [{"name": "poles", "type": "UINT8", "value": 4}]


def test_a_definition_of_a_template_is_no_sample() -> None:
    listening = Listening()
    definition = Template(is_definition=True, version="1")
    Node(listening).birth(Sample("Motor", T.TEMPLATE, definition, START), Sample("load", T.INT32, 1, START))
    assert [row["metric"] for row in listening.samples()] == ["load"]


def test_an_integer_in_the_wide_field_is_understood_and_a_text_in_a_number_is_not() -> None:
    listening, node = born(Sample("count", T.INT16, None, START, 5))
    for field, value in (("long_value", (1 << 64) - 7), ("string_value", "7")):
        made = node.made(device="press")
        setattr(made.metrics.add(alias=5, timestamp=START), field, value)
        node.say(made, "press")
    assert listening.values() == [-7]
    assert listening.host.outbox.counts == {"value-field": 1}


def test_values_in_a_birth_of_others_are_samples_and_are_not_taken_twice() -> None:
    listening = Listening()
    node = Node(listening)
    node.birth(Sample("load", T.INT32, 1, START, 5))
    node.data(Sample("load", T.INT32, 2, START + 1, 5))
    node.birth(Sample("load", T.INT32, 2, START + 1, 5))
    node.birth(Sample("load", T.INT32, 3, START + 2, 5))
    assert sorted(row["value"] for row in listening.samples()) == [1, 2, 3]


SAMPLE = st.sampled_from(
    [
        (T.DOUBLE, [0.0, -1.5, 1e300]),
        (T.FLOAT, [0.0, 0.5]),
        (T.INT8, [-128, 0, 127]),
        (T.INT32, [-5, 5]),
        (T.INT64, [-(1 << 63), 7]),
        (T.UINT64, [0, (1 << 64) - 1]),
        (T.BOOLEAN, [True, False]),
        (T.STRING, ["", "a"]),
        (T.DATETIME, [0, START]),
    ]
)


@given(st.lists(SAMPLE, min_size=1, max_size=12), st.data(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_columns_say_what_metrics_one_by_one_say(
    kinds: list[tuple[DataType, list[Any]]], data: Any, aliased: bool, historical: bool
) -> None:
    """The quick way and the thorough one give the same rows; metadata, which plans do not take, decides which it is."""

    def alias(place: int) -> int | None:
        return place + 1 if aliased else None

    values = [data.draw(st.sampled_from(each)) for _, each in kinds]
    listening, node = born(*(Sample(f"m{at}", kind, None, START, alias(at)) for at, (kind, _) in enumerate(kinds)))
    samples = [
        Sample(f"m{at}", kind, value, START + at, alias(at), historical=historical)
        for at, ((kind, _), value) in enumerate(zip(kinds, values, strict=True))
    ]
    made = node.made(*samples, device="press")
    quick = decode.columns_of(made.SerializeToString())
    birth: Birth = listening.host.nodes[0, "n"].devices["press"].birth
    assert decode.planned(quick, birth, START) is not None
    node.say(made, "press")
    one = listening.samples()
    again = Payload()
    again.CopyFrom(made)
    again.seq = node.seq
    again.metrics[0].metadata.description = "looked at by itself"
    assert decode.planned(decode.columns_of(again.SerializeToString()), birth, START) is None
    node.say(again, "press")
    assert listening.samples() == one


def test_a_metric_that_is_not_good_does_not_take_others_with_it() -> None:
    listening, node = born(real(None), Sample("many", T.INT16_ARRAY, None, START, 2))
    made = node.made(real(1.0), device="press")
    made.metrics.add(alias=2, timestamp=START, bytes_value=b"\0")
    made.metrics.add(alias=1, timestamp=START)
    made.metrics.add(alias=1, timestamp=1 << 62, double_value=1.0)
    node.say(made, "press")
    assert listening.values() == [1.0]
    assert listening.host.outbox.counts == {"value-array": 1, "value-missing": 1, "timestamp": 1}
    assert [event["reason"] for event in listening.events("quarantined")] == ["timestamp"]


def test_a_clock_that_is_adrift_is_told_of_once_a_minute() -> None:
    listening, node = speaking()
    for second in range(180):
        made = node.made(real(float(second), at=listening.now), device="press")
        made.timestamp = listening.now - 9_000
        node.say(made, "press")
        listening.now += 1_000
    assert [event["offset"] for event in listening.events("clock")] == [9_000, 9_000, 9_000]


def test_payload_parts_in_any_order_are_one_payload() -> None:
    """Protobuf lets a message come in parts, which our own agent makes use of."""
    listening, node = speaking()
    first, second = Payload(), Payload(timestamp=START, seq=node.seq)
    add(first, real(1.0))
    add(second, real(2.0, at=START + 1))
    listening.hear("DDATA/n/press", first.SerializeToString() + second.SerializeToString())
    assert listening.values() == [1.0, 2.0]
