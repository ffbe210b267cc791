"""Payloads as a peer sees them: fields by number, names in births alone, nothing where there is nothing."""

from __future__ import annotations

import pytest

from shazhou.telemetry.sparkplug.datatype import DataType, from_wire, to_wire
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import STALE, Sample, add, payload


def test_bytes_are_those_of_the_format() -> None:
    """By hand from the field numbers: timestamp 1, metrics 2, seq 3; name 1, timestamp 3, datatype 4, int_value 10."""
    made = payload(5, seq=1)
    add(made, Sample("a", DataType.INT8, -1, 7), birth=True)
    metric = bytes([0x0A, 1, ord("a"), 0x18, 7, 0x20, 1, 0x50, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F])
    assert made.SerializeToString() == bytes([0x08, 5, 0x12, len(metric)]) + metric + bytes([0x18, 1])


def test_data_carry_the_alias_alone_and_a_birth_all_three() -> None:
    sample = Sample("Power/Active", DataType.DOUBLE, 1.5, 7, alias=3)
    birth, data = payload(1, 0), payload(1, 1)
    add(birth, sample, birth=True)
    add(data, sample)
    assert (birth.metrics[0].name, birth.metrics[0].alias, birth.metrics[0].datatype) == ("Power/Active", 3, 10)
    assert not data.metrics[0].HasField("name") and not data.metrics[0].HasField("datatype")


def test_a_null_carries_no_value_and_a_quality_is_told_only_where_it_is_not_good() -> None:
    made = payload(1, 0)
    add(made, Sample("a", DataType.INT32, None, 1, quality=STALE))
    add(made, Sample("b", DataType.INT32, 1, 1))
    null, good = Payload.FromString(made.SerializeToString()).metrics
    assert null.is_null and null.WhichOneof("value") is None
    assert null.properties.values[0].int_value == STALE
    assert not good.HasField("properties")


@pytest.mark.parametrize(
    ("datatype", "value"),
    [(DataType.INT8, 128), (DataType.UINT16, -1), (DataType.INT64, 1 << 63), (DataType.UINT8, 256)],
)
def test_an_integer_that_does_not_fit_is_refused(datatype: DataType, value: int) -> None:
    with pytest.raises(OverflowError):
        to_wire(datatype, value)


@pytest.mark.parametrize("sent", [0xFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF])
def test_minus_one_of_eight_bits_is_understood_in_whatever_width_it_was_sent(sent: int) -> None:
    assert from_wire(DataType.INT8, sent) == -1
