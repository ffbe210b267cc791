"""A ledger with the city's evidence, loaded by the command itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import shazhou


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read-only for tests that share it: what they add must not change what others see."""
    data = tmp_path_factory.mktemp("cli") / "ledger"
    assert shazhou("init", data=data).status == 0
    done = shazhou("load", data=data)
    assert done.status == 0, done.err
    return data


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A ledger of its own with nothing in it."""
    data = tmp_path / "ledger"
    assert shazhou("init", data=data).status == 0
    return data
