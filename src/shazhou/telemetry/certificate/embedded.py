"""The certificate within its PDF: the JSON file is attached to the pages, and the pages are printed from nothing else.

So a PDF is verified by its attachment, and its pages by printing them again.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.certificate.certificate import FORMAT, Certificate
from shazhou.telemetry.certificate.signature import NOT_A_CERTIFICATE, verified

PAGES_DIFFER = Rule(
    "certificate-pages-differ",
    "The certificate attached to {found} is as it was signed, but the file is not what it prints as.",
    "{found} 所附证明数据与签发时一致，但文件与其打印结果不同。",
    "Read the attached JSON and not the pages: they were changed, or printed by another version of Shazhou.",
    "请以所附 JSON 为准，勿采信页面：页面被改动，或由其他版本的 Shazhou 打印。",
)

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_BEGINS = f'{{\n "format": "{FORMAT}"'.encode()

LONGEST = 16 << 20
"""Bytes of a stream, unpacked, that is still looked into."""


def attached(pdf: bytes, name: str = "") -> bytes:
    """The certificate's file that is attached to a PDF.

    Raises:
        Refused: there is none, or more than one.
    """
    found = [each for each in _streams(pdf) if each.startswith(_BEGINS)]
    if len(found) != 1:
        raise Refused([Problem(NOT_A_CERTIFICATE, Where(name), name)])
    return found[0]


def verified_pdf(pdf: bytes, key: str, printed: Callable[[Certificate], bytes], name: str = "") -> Certificate:
    """The certificate that a PDF shows and carries, every byte of which is as it was printed.

    ``printed`` prints a certificate; the other arguments are those of `verified`.

    Raises:
        Refused: no certificate is attached, it was changed or is signed with another key, or the pages differ from it.
    """
    certificate = verified(attached(pdf, name), key, name)
    if printed(certificate) != pdf:
        raise Refused([Problem(PAGES_DIFFER, Where(name), name)])
    return certificate


def _streams(pdf: bytes) -> Iterator[bytes]:
    for match in _STREAM.finditer(pdf):
        unpacking = zlib.decompressobj()
        try:
            yield unpacking.decompress(match[1], LONGEST)
        except zlib.error:
            yield match[1]
