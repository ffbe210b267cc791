"""Every text of the releases and of the API has its Chinese."""

from __future__ import annotations

import pytest
from console_texts import without_chinese


@pytest.mark.parametrize("room", ["release", "api"])
def test_every_text_has_its_chinese(room: str) -> None:
    assert without_chinese(room) == []
