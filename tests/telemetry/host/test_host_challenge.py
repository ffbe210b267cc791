"""Challenges: a fresh birth with the word, and a tag that was read and agrees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from spoken import START, Listening, Node, real

from shazhou.telemetry.host.challenge import SETTLES, SOON, WITHIN
from shazhou.telemetry.names import ANSWER
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample


def challenged(agent: str = "buffer", mode: str = "full") -> tuple[Listening, Node, dict[str, Any]]:
    """A node that was just challenged, and what it was asked."""
    listening = Listening(challenges=4)
    node = Node(listening, agent=agent, mode=mode)
    answer = [Sample(ANSWER, DataType.STRING, None, START, 40)] if agent else []
    node.birth(*answer)
    node.device("press", real(None))
    node.data(real(20.0), device="press", record=(1, 0))
    listening.later(1)
    listening.commands()
    listening.host.challenges.ask(listening.host.nodes[0, "n"], listening.now)
    asked: dict[str, Any] = {}
    for _, said in listening.commands():
        asked |= said
    (event,) = listening.events("challenge")
    return (
        listening,
        node,
        {**event, "rebirth": asked.get("Node Control/Rebirth"), "word": asked.get(905), "text": asked.get(904)},
    )


def reborn(listening: Listening, node: Node, word: str) -> None:
    node.birth(Sample(ANSWER, DataType.STRING, None, listening.now, 40), **{"Node Info/Challenge": word})
    node.device("press", real(None))


def answer(node: Node, nonce: str, value: float) -> None:
    said = {"device": "press", "metric": "heat", "nonce": nonce, "value": value, "at": START}
    node.data(Sample(ANSWER, DataType.STRING, json.dumps(said), START, 40))


def test_a_birth_with_the_word_and_a_reading_that_agrees_pass() -> None:
    listening, node, asked = challenged()
    assert asked["rebirth"] is True and asked["word"] == asked["nonce"]
    assert json.loads(asked["text"]) == {"device": "press", "metric": "heat", "nonce": asked["nonce"]}
    listening.later(400)
    reborn(listening, node, asked["nonce"])
    answer(node, asked["nonce"], 20.4)
    listening.later(SETTLES)
    (passed,) = listening.events("challenge-passed")
    assert (passed["nonce"], passed["after"], passed["read"]) == (asked["nonce"], 400, True)


def test_a_reading_that_disagrees_is_told() -> None:
    listening, node, asked = challenged()
    reborn(listening, node, asked["nonce"])
    answer(node, asked["nonce"], 35.0)
    listening.later(SETTLES)
    assert [event["read"] for event in listening.events("challenge-passed")] == [False]


def test_a_value_that_changed_meanwhile_agrees() -> None:
    listening, node, asked = challenged()
    reborn(listening, node, asked["nonce"])
    node.data(real(40.0, at=START + 1), device="press", record=(2, 1))
    answer(node, asked["nonce"], 31.0)
    listening.later(SETTLES)
    assert [event["read"] for event in listening.events("challenge-passed")] == [True]


def test_no_reading_is_no_agreement() -> None:
    listening, node, asked = challenged()
    reborn(listening, node, asked["nonce"])
    answer(node, "another", 20.0)
    listening.later(WITHIN)
    assert [event["read"] for event in listening.events("challenge-passed")] == [None]


@pytest.mark.parametrize("text", ["", "[]", "null", '{"nonce": 5}', '{"value": 1}', "{"])
def test_an_answer_that_is_none_does_nothing(text: str) -> None:
    listening, node, _ = challenged()
    node.data(Sample(ANSWER, DataType.STRING, text, START, 40))
    listening.later(SETTLES)
    assert not listening.events("challenge-passed", "challenge-failed")


def test_a_birth_without_the_word_does_not_pass() -> None:
    listening, node, asked = challenged()
    reborn(listening, node, "")
    listening.later(WITHIN)
    (failed,) = listening.events("challenge-failed")
    assert (failed["nonce"], failed["why"]) == (asked["nonce"], "no-birth")


def test_in_other_modes_nothing_is_read() -> None:
    listening = Listening(challenges=4)
    node = Node(listening, agent="buffer", mode="rollup")
    node.birth()
    listening.host.challenges.ask(listening.host.nodes[0, "n"], listening.now)
    assert "read" not in listening.events("challenge")[0]
    nonce = listening.events("challenge")[0]["nonce"]
    node.birth(**{"Node Info/Challenge": nonce})
    listening.later(1)
    assert [event["read"] for event in listening.events("challenge-passed")] == [None]


def test_a_node_of_others_passes_with_a_birth_made_since() -> None:
    listening, node, asked = challenged(agent="")
    assert asked["word"] is None
    listening.later(1_000)
    node.birth()
    listening.later(1)
    assert len(listening.events("challenge-passed")) == 1


def test_a_node_that_goes_offline_fails_and_is_soon_asked_again() -> None:
    listening, node, _ = challenged()
    node.death()
    listening.later(WITHIN)
    assert [event["why"] for event in listening.events("challenge-failed")] == ["offline"]
    node.bdseq = 1
    node.birth()
    for _ in range(SOON // 1_000 + 1):
        listening.later(1_000)
    assert len(listening.events("challenge")) >= 2


def test_every_node_is_challenged_each_part_of_the_day_at_moments_nobody_knows() -> None:
    listening = Listening(challenges=4)
    nodes = [Node(listening, f"n{number}") for number in range(50)]
    for node in nodes:
        node.birth()
    moments = [node.next_challenge - START for node in listening.host.nodes.values()]
    assert all(0 <= moment < 6 * 3_600_000 for moment in moments)
    assert len({moment // 600_000 for moment in moments}) > 10


def test_without_challenges_nobody_is_asked() -> None:
    listening = Listening(challenges=0)
    Node(listening).birth()
    listening.later(10 * 86_400_000)
    assert not listening.events("challenge")
