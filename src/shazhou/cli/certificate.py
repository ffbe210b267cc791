"""Commands about connection certificates: certificate make, certificate verify, certificate key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.cli.app import DEFAULT_CITY, DEFAULT_DATA, CityFolder, Data, Json, app, show, working

certificate = typer.Typer(help="Connection certificates of enterprises. 企业联网证明", no_args_is_help=True)
app.add_typer(certificate, name="certificate")

NO_KEY = Rule(
    "no-city-key",
    "There is no key to verify {found} with.",
    "没有可用于核验 {found} 的公钥。",
    "Give the key that the city publishes: --key. The key that stands in the certificate itself proves nothing.",
    "请用 --key 提供本市公布的公钥；证明自带的公钥不能作为依据。",
)


@certificate.command()
def make(
    node: Annotated[str, typer.Argument(help="Edge node: the enterprise's key in the ledger. 节点")],
    month: Annotated[str, typer.Argument(help="2026-11. 月份")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the JSON and the PDF. 输出文件夹")] = Path(),
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Make and sign the certificate of an enterprise and a month, as JSON and PDF. 签发联网证明"""
    with working("reading the month") as status:
        from shazhou.city.folder import read_city
        from shazhou.ledger.ledger import Ledger
        from shazhou.report.certificate.pdf import write_certificate
        from shazhou.telemetry.certificate.certificate import certificate_of
        from shazhou.telemetry.certificate.signature import city_key, signed, written
        from shazhou.telemetry.store.store import Store, folder_of

        store = Store.open(folder_of(data))
        claim = certificate_of(store, Ledger.open(data), read_city(city), node, month, datetime.now(UTC))
        made = signed(claim, city_key(store.folder))
        status.update("printing")
        pdf = write_certificate(made)
        out.mkdir(parents=True, exist_ok=True)
        files = [out / f"certificate-{node}-{month}{suffix}" for suffix in (".json", ".pdf")]
        for file, content in zip(files, (written(made), pdf), strict=True):
            file.write_bytes(content)
    if json:
        show({"ok": True, "files": files, "verdict": made["verdict"], "origin": made["origin"]})
        return
    for file in files:
        typer.echo(f"{file}")
    _tell(made)


@certificate.command()
def verify(
    file: Annotated[Path, typer.Argument(help="JSON or PDF. 文件")],
    key: Annotated[str, typer.Option("--key", help="The city's public key; default that of --data. 公钥")] = "",
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Verify that every byte of a certificate is as the city signed it. 核验联网证明"""
    with working(f"verifying {file}"):
        from shazhou.report.certificate.pdf import write_certificate
        from shazhou.telemetry.certificate.embedded import verified_pdf
        from shazhou.telemetry.certificate.signature import verified

        content, known = file.read_bytes(), key or _known_key(data)
        if not known:
            raise Refused([Problem(NO_KEY, Where(str(file)), str(file))])
        is_pdf = content.startswith(b"%PDF")
        found = (
            verified_pdf(content, known, write_certificate, str(file))
            if is_pdf
            else verified(content, known, str(file))
        )
    if json:
        show({"ok": True, "key": known, "certificate": found})
        return
    typer.echo(f"{file}: as the city signed it 与签发时一致  {found['enterprise']['node']}  {found['month']}")
    _tell(found)


@certificate.command()
def key(data: Data = DEFAULT_DATA, json: Json = False) -> None:
    """Show the city's public key, to be published; makes the key when there is none. 显示本市公钥"""
    with working("reading the key"):
        from shazhou.telemetry.certificate.signature import city_key
        from shazhou.telemetry.edge.keys import public_text
        from shazhou.telemetry.store.store import Store, folder_of

        public = public_text(city_key(Store.open(folder_of(data)).folder))
    if json:
        show({"ok": True, "key": public})
    else:
        typer.echo(public)


def _known_key(data: Path) -> str:
    """The public key of the city whose ledger this is; empty where it has none."""
    from shazhou.telemetry.certificate.signature import KEY, city_key
    from shazhou.telemetry.edge.keys import public_text
    from shazhou.telemetry.store.store import folder_of

    folder = folder_of(data)
    return public_text(city_key(folder)) if (folder / KEY).is_file() else ""


def _tell(found: dict[str, object]) -> None:
    verdict: dict[str, object] = found["verdict"]  # type: ignore[assignment]
    reason: dict[str, object] = verdict["reason"]  # type: ignore[assignment]
    mark = {"": "", "simulated": "  SIMULATED 模拟", "recorded": "  RECORDED 录制"}[str(found["origin"])]
    word = "online 在线" if verdict["online"] else f"not online 不在线: {reason['en']} {reason['zh']}"
    typer.echo(f"{word}  days 天数 {verdict['days']}  challenges 抽查 {verdict['challenges']}{mark}")
