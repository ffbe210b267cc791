"""Topics: what is one, and why a text is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.telemetry.sparkplug.topic import DEVICE_TYPES, NODE_TYPES, NotSparkplug, Topic, parse, state

PARTS = st.text(st.characters(exclude_characters="/+#\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(PARTS, st.sampled_from(sorted(NODE_TYPES)), PARTS)
def test_a_node_s_topic_reads_back(group: str, kind: str, node: str) -> None:
    assert parse(str(Topic(group, kind, node))) == Topic(group, kind, node)


@given(PARTS, st.sampled_from(sorted(DEVICE_TYPES)), PARTS, PARTS)
def test_a_device_s_topic_reads_back(group: str, kind: str, node: str, device: str) -> None:
    assert parse(str(Topic(group, kind, node, device))) == Topic(group, kind, node, device)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("spAv1.0/g/NDATA/n", "topic-namespace"),
        ("", "topic-namespace"),
        ("spBv1.0/g/NDATA", "topic-parts"),
        ("spBv1.0/g/DDATA/n/d/more", "topic-parts"),
        ("spBv1.0//NDATA/n", "topic-empty-part"),
        ("spBv1.0/g/DDATA/n/", "topic-empty-part"),
        ("spBv1.0/g/DDATA/n", "topic-type"),
        ("spBv1.0/g/NDATA/+", "topic-wildcard"),
        ("spBv1.0/g/NDATA/#", "topic-wildcard"),
        ("spBv1.0/g/DDATA/n/d+", "topic-wildcard"),
        ("spBv1.0/g/NDATA/n\0", "topic-wildcard"),
        ("spBv1.0/g/NDATA/n/d", "topic-type"),
        ("spBv1.0/g/ndata/n", "topic-type"),
    ],
)
def test_a_text_that_is_no_topic_says_why(text: str, why: str) -> None:
    with pytest.raises(NotSparkplug, match=why):
        parse(text)


def test_state_of_a_host_stands_under_the_namespace_as_of_version_3() -> None:
    assert state("city") == "spBv1.0/STATE/city"
