"""The commands around the host, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from shazhou.cli import host as commands
from shazhou.cli.app import app
from shazhou.cli.host import NO_LEDGER
from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.host import spool
from shazhou.telemetry.store.quarantine import MOST_BYTES
from shazhou.telemetry.store.store import Store, folder_of

CITY = str(Path(__file__).parents[3] / "cities" / "zhangjiagang")


def test_a_configuration_of_mosquitto_is_written_and_passwords_are_shown_once(tmp_path: Path) -> None:
    arguments = ["broker", "config", str(tmp_path / "m"), "--certificate", "c.pem", "--key", "k.pem", "--node", "e1"]
    arguments += ["--city", CITY, "--data", str(tmp_path / "ledger"), "--json"]
    first = json.loads(CliRunner().invoke(app, arguments, catch_exceptions=False).stdout)
    assert first["nodes"] == ["e1"] and set(first["passwords"]) == {"host", "e1"}
    assert "topic write spBv1.0/zhangjiagang/NBIRTH/e1" in (tmp_path / "m" / "rights.acl").read_text()
    again = json.loads(CliRunner().invoke(app, arguments, catch_exceptions=False).stdout)
    assert again["passwords"] == {}


def test_quarantine_shows_counts_and_the_newest(tmp_path: Path) -> None:
    with Store.open(folder_of(tmp_path / "ledger"), write=True) as store:
        store.quarantine(1_795_000_000_000, "spBv1.0/city/NDATA/e1", b"\xff\x00", "protobuf")
        store.commit()
    arguments = ["quarantine", "--data", str(tmp_path / "ledger")]
    text = CliRunner().invoke(app, arguments, catch_exceptions=False).stdout
    assert "1  protobuf" in text and "spBv1.0/city/NDATA/e1" in text and "ff 00" in text
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout)
    assert told["counts"] == {"protobuf": 1} and told["newest"][0]["payload"] == "ff00"


def shown(text: str) -> str:
    """A text as it comes to a terminal, its lines joined where they were broken."""
    return "".join(text.split())


def test_quarantine_told_the_length_of_what_was_kept_not_of_what_came(tmp_path: Path) -> None:
    with Store.open(folder_of(tmp_path / "ledger"), write=True) as store:
        store.quarantine(1_795_000_000_000, "spBv1.0/city/NDATA/e1", b"\xff" * 1_234_567, "protobuf")
        store.commit()
    arguments = ["quarantine", "--data", str(tmp_path / "ledger")]
    text = CliRunner().invoke(app, arguments, catch_exceptions=False).stdout
    assert "  1,234,567: ff ff" in text
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout)
    assert told["newest"][0]["size"] == 1_234_567
    assert bytes.fromhex(told["newest"][0]["payload"]) == b"\xff" * MOST_BYTES


def test_a_topic_in_quarantine_steered_the_terminal(tmp_path: Path) -> None:
    topic = "spBv1.0/\x1b[2J\x1b]0;title\x07/\x9b31m\r\n\u202e企业/e1"
    with Store.open(folder_of(tmp_path / "ledger"), write=True) as store:
        store.quarantine(1_795_000_000_000, topic, b"\xff", "protobuf")
        store.commit()
    # In colour: otherwise click takes out by itself what it knows of them.
    arguments = ["quarantine", "--data", str(tmp_path / "ledger")]
    text = CliRunner().invoke(app, arguments, catch_exceptions=False, color=True).stdout
    assert "spBv1.0/�[2J�]0;title�/�31m���企业/e1  1: ff" in text
    assert all(letter.isprintable() for line in text.split("\n") for letter in line)


def test_a_host_without_a_ledger_said_nothing_and_judged_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_until_told", lambda: None)
    # What the command sets for the process that it has to itself is not for the tests.
    monkeypatch.setattr(commands, "gc", Mock())
    arguments = ["host", "--city", CITY, "--broker", "mqtt://127.0.0.1:1", "--data"]
    wrong = tmp_path / "wrong"
    told = CliRunner().invoke(app, [*arguments, str(wrong)], catch_exceptions=False)
    assert shown(NO_LEDGER.format(wrong)) in shown(told.stderr)
    ledger = Ledger.create(tmp_path / "ledger")
    told = CliRunner().invoke(app, [*arguments, str(ledger.folder)], catch_exceptions=False)
    assert shown(str(folder_of(ledger.folder))) in shown(told.stderr)
    assert shown("no ledger") not in shown(told.stderr)


def test_a_command_that_nobody_takes_is_taken_back(tmp_path: Path) -> None:
    with Store.open(folder_of(tmp_path / "ledger"), write=True) as store:
        asked = spool.ask(store.folder, {"target": "e1", "metric": "m", "value": "1"})
        assert spool.answer(store.folder, asked, patience=0) is None
        assert list(spool.asked(store.folder)) == []


def test_what_is_no_command_is_taken_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / spool.FOLDER).mkdir()
    (tmp_path / spool.FOLDER / "x.ask").write_text("{")
    assert list(spool.asked(tmp_path)) == [("x", None)]
    assert list(spool.asked(tmp_path)) == []
