"""Every assertion of the list has a test here that is named after it; as a script, the table of both.

python tests/telemetry/host/test_host_coverage.py
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
ASSERTIONS = yaml.safe_load((HERE / "sparkplug-host.yaml").read_text(encoding="utf-8"))
SECTIONS = (
    "host_session",
    "edge_state_handling",
    "sequence_and_rebirth",
    "commands",
    "aliases",
    "timestamps_and_quality",
)
WITHOUT_ID = {
    "when the host loses its connection all metrics are stale": (
        "test_tck_without_id_when_the_connection_is_lost_all_metrics_are_stale"
    ),
    "seq gap not closed within the Reorder Timeout": "test_rebirth_reason_seq_gap_not_closed",
    "message from a node without known NBIRTH": "test_rebirth_reason_message_from_a_node_without_birth",
    "device message without known DBIRTH": "test_rebirth_reason_device_message_without_its_birth",
    "NDATA/DDATA metric not contained in the BIRTH": "test_rebirth_reason_metric_not_contained_in_the_birth",
    "unknown alias": "test_rebirth_reason_unknown_alias",
    "is_historical = true: store the value with its own timestamp, do not overwrite the current value or status": (
        "test_a_historical_sample_is_kept_with_its_time_and_is_not_the_current_value"
    ),
    "a transient value (is_transient) is not written to history": "test_a_transient_sample_is_current_and_not_kept",
    "values with is_null = true carry no value": "test_a_null_is_kept_as_null",
}
"""What the list asks without an id, by its words."""


def asked() -> Iterator[tuple[str, str]]:
    """Each assertion as the list names it, and the test that has to be there."""
    for section in SECTIONS:
        for each in ASSERTIONS[section]:
            if each["id"] is None:
                yield each["text"], WITHOUT_ID[each["text"]]
            else:
                yield each["id"], "test_" + re.sub(r"\W", "_", each["id"].lower())
    for words in (*ASSERTIONS["rebirth_reasons"], *ASSERTIONS["historical"]):
        yield words, WITHOUT_ID[words]


def written() -> dict[str, str]:
    """By name of a test here the file that it is in."""
    found = {}
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = path.name
    return found


@pytest.mark.parametrize(("assertion", "test"), asked(), ids=lambda each: each[:60])
def test_an_assertion_has_its_test(assertion: str, test: str) -> None:
    assert test in written(), assertion


def test_the_list_is_read_whole() -> None:
    ids = re.findall(r"tck-id-[\w-]+", (HERE / "sparkplug-host.yaml").read_text(encoding="utf-8"))
    assert set(ids) == {assertion for assertion, _ in asked() if assertion.startswith("tck-id")}


def main() -> int:
    """Prints the table; 1 where a test is missing."""
    known, rows = written(), list(asked())
    for assertion, test in rows:
        print(f"{assertion:<110} {known.get(test, 'MISSING')}::{test}")
    missing = sum(test not in known for _, test in rows)
    print(f"{len(rows) - missing} of {len(rows)} assertions have a test")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
