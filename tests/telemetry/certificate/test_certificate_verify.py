"""Verifying: with the city's public key alone, every changed field and every changed byte is found."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from certified import certificate, copy_of
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.city.problem import Refused
from shazhou.report.certificate.pdf import write_certificate
from shazhou.telemetry.certificate.embedded import attached, verified_pdf
from shazhou.telemetry.certificate.signature import signed, verified, written

Steps = tuple[str | int, ...]


@pytest.fixture
def made() -> dict[str, Any]:
    return certificate("")


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return write_certificate(certificate(""))


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found:
        action()
    return found.value.problems[0].rule.id


def leaves(node: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every field of a certificate that holds no others, and every list and object that is empty."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    if not inner or not node:
        yield steps, node
    for step, value in inner:
        yield from leaves(value, (*steps, step))


def holder(content: Any, steps: Steps) -> Any:
    for step in steps[:-1]:
        content = content[step]
    return content


def other(value: Any) -> Any:
    """A value of the same kind that is another one, and as near as can be."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value[:-1] + ("0" if value[-1] != "0" else "1") if value else "0"
        case None:
            return 0
        case _:
            return ["0"] if isinstance(value, list) else {"0": 0}


def test_a_certificate_is_verified_with_the_public_key_alone(made: dict[str, Any], pdf: bytes) -> None:
    key = made["signature"]["key"]
    assert verified(written(made), key) == made
    assert attached(pdf) == written(made)
    assert verified_pdf(pdf, key, write_certificate) == made


def test_every_changed_field_is_found(made: dict[str, Any]) -> None:
    key, count = made["signature"]["key"], 0
    for steps, value in leaves(made):
        changed = copy_of(made)
        holder(changed, steps)[steps[-1]] = other(value)
        assert changed != made
        content = written(changed)
        assert refused(lambda content=content: verified(content, key)) in (
            "certificate-changed",
            "not-a-certificate",
            "certificate-of-another-key",
        ), steps
        count += 1
    assert count > 300


def test_every_field_that_is_gone_or_added_or_moved_is_found(made: dict[str, Any]) -> None:
    key = made["signature"]["key"]
    for steps, _ in leaves(made):
        changed = copy_of(made)
        del holder(changed, steps)[steps[-1]]
        content = written(changed)
        refused(lambda content=content: verified(content, key))
    assert refused(lambda: verified(written({**made, "more": 1}), key)) == "certificate-changed"
    for place in ("", "verdict", "signature"):
        turned = dict(reversed((made[place] if place else made).items()))
        moved = {**made, place: turned} if place else turned
        assert moved == made and refused(lambda moved=moved: verified(written(moved), key)) == "certificate-changed"
    swapped = copy_of(made)
    swapped["days"][1], swapped["days"][2] = swapped["days"][2], swapped["days"][1]
    assert refused(lambda: verified(written(swapped), key)) == "certificate-changed"


OF_CONTENT = {"certificate-changed", "certificate-of-another-key", "not-a-certificate"}
OF_PAGES = {*OF_CONTENT, "certificate-pages-differ"}
"""What a change may be refused as: by where it stands."""


def changed_bytes(content: bytes, places: range | list[int]) -> Iterator[bytes]:
    generator = random.Random(4)
    for place in places:
        yield content[:place] + bytes([content[place] ^ generator.randrange(1, 256)]) + content[place + 1 :]


def test_a_changed_byte_is_found(made: dict[str, Any]) -> None:
    key, content = made["signature"]["key"], written(made)
    for changed in changed_bytes(content, range(0, len(content), 17)):
        assert refused(lambda changed=changed: verified(changed, key)) in OF_CONTENT
    for changed in (
        content + b"\n",
        content[:-1],
        b" " + content,
        content.replace(b"\n ", b"\n  ", 1),
        b"",
        content * 2,
    ):
        assert refused(lambda changed=changed: verified(changed, key)) in OF_CONTENT


@pytest.mark.slow
def test_every_changed_byte_is_found(made: dict[str, Any]) -> None:
    key, content = made["signature"]["key"], written(made)
    for changed in changed_bytes(content, range(len(content))):
        assert refused(lambda changed=changed: verified(changed, key)) in OF_CONTENT


def printed_once() -> Callable[[dict[str, Any]], bytes]:
    """Prints, and remembers the pages of what was printed before."""
    pages = cache(lambda content: write_certificate(json.loads(content)))
    return lambda found: pages(written(found))


def test_a_changed_byte_of_the_pdf_is_found(made: dict[str, Any], pdf: bytes) -> None:
    key, printed = made["signature"]["key"], printed_once()
    places = sorted(random.Random(4).sample(range(len(pdf)), 150))
    for changed in changed_bytes(pdf, places):
        assert refused(lambda changed=changed: verified_pdf(changed, key, printed)) in OF_PAGES
    for changed in (pdf + b"\n", pdf[:-1], pdf + pdf, b""):
        assert refused(lambda changed=changed: verified_pdf(changed, key, printed)) in OF_PAGES


def test_pages_that_show_another_month_than_is_attached_are_found(made: dict[str, Any]) -> None:
    better = copy_of(made)
    better["verdict"]["days"] = 21
    shown = write_certificate(better)
    assert refused(lambda: verified_pdf(shown, made["signature"]["key"], write_certificate)) in OF_CONTENT


def test_one_who_signs_with_a_key_of_his_own_is_found(made: dict[str, Any]) -> None:
    forged = {name: said for name, said in made.items() if name != "signature"}
    forged["verdict"] = {**made["verdict"], "days": 30}
    content = written(signed(forged, Ed25519PrivateKey.generate()))
    assert refused(lambda: verified(content, made["signature"]["key"])) == "certificate-of-another-key"


def test_a_signature_written_another_way_is_found(made: dict[str, Any]) -> None:
    changed = copy_of(made)
    value = made["signature"]["value"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    changed["signature"]["value"] = value[:-3] + alphabet[alphabet.index(value[-3]) ^ 1] + "=="
    assert base64.b64decode(changed["signature"]["value"]) == base64.b64decode(value)
    assert refused(lambda: verified(written(changed), made["signature"]["key"])) == "certificate-changed"


@pytest.mark.parametrize("text", ["no key", "AAAA"])
def test_a_key_that_is_none_is_refused_and_the_citys_is_asked_for_not_an_agents(
    made: dict[str, Any], text: str
) -> None:
    with pytest.raises(Refused) as found:
        verified(written(made), text)
    (problem,) = found.value.problems
    assert problem.rule.id == "not-a-city-key"
    for mend in (problem.mend("zh"), problem.mend("en")):
        assert "shazhou certificate key" in mend and "edge key" not in mend


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"%PDF-1.7", b"\xff\xfe", b'{"format": 1}', b"[" * 100_000])
def test_what_is_no_certificate_is_refused(made: dict[str, Any], content: bytes) -> None:
    key = made["signature"]["key"]
    assert refused(lambda: verified(content, key)) == "not-a-certificate"
    assert refused(lambda: verified_pdf(content, key, write_certificate)) == "not-a-certificate"
