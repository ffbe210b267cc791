"""The commands around the host, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from shazhou.cli.app import app
from shazhou.telemetry.host import spool
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
