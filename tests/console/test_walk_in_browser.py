"""The whole way in a real browser: an enterprise reports, its town sends a cell back, it is mended, the bureau
approves, the figure on the overview changes, its trail ends at that cell, and the work report says what changed.

The city is Zhangjiagang's own folder with a promise, a sentence of the report and open deadlines added, so that what is
approved can be seen on the first page and in the report.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from running_site import LOCALES, PASSWORD, chromium, run, serving

pytestmark = pytest.mark.slow

ZHANGJIAGANG = Path(__file__).parents[2] / "cities" / "zhangjiagang"
YEAR = date.today().year - 1
"""The return of last year is open all this year."""

TARGET = f"""
walked:
  name: {{zh: 企业研发投入达到九亿元, en: Enterprises spend 900 million on R&D}}
  indicator: enterprise_rd_spending
  place: "320582"
  value: 9
  unit: 100m_cny
  direction: ">="
  period: "{YEAR}"
  source: work_report_2021_chinadaily
  headline: true
"""
SENTENCES = {
    "zh": "\n企业报送的研发投入为{{ enterprise_rd_spending }}。\n",
    "en": "\nR&D of those who reported: {{ enterprise_rd_spending }}.\n",
}
PROMISES = {"zh": "企业研发投入达到九亿元", "en": "Enterprises spend 900 million on R&D"}


@dataclass(frozen=True)
class Site:
    """A site that runs, and the enterprises of the walk in each language, with their towns."""

    address: str
    data: Path
    enterprises: dict[str, tuple[str, str]]


def city_of_the_walk(folder: Path) -> Path:
    """Zhangjiagang's folder with what the walk needs."""
    city = folder / "city"
    shutil.copytree(ZHANGJIAGANG, city)
    collections = city / "collections.yaml"
    text = collections.read_text()
    assert "  lock: 275\n" in text
    collections.write_text(text.replace("  lock: 275\n", "  lock: 366\n"))
    with (city / "targets.yaml").open("a") as targets:
        targets.write(TARGET)
    for language, sentence in SENTENCES.items():
        template = city / "report" / f"work_report.{language}.md"
        head, rest = template.read_text().split("\n## ", 1)
        title, body = rest.split("\n", 1)
        template.write_text(f"{head}\n## {title}\n{sentence}{body}")
    return city


def two_enterprises(data: Path, city: Path) -> list[tuple[str, str]]:
    """Two enterprises that are asked for the annual return, with a place below the city."""
    from shazhou.ledger.engine import connect
    from shazhou.ledger.ledger import Ledger

    connection = connect()
    rows = Ledger.open(data).observations(connection)
    texts = rows.filter(rows.entity.startswith("enterprise:") & rows.variable.isin(["place", "industry"]))
    found: dict[str, dict[str, str]] = {}
    for row in connection.to_pyarrow(texts.order_by("entity")).to_pylist():
        found.setdefault(row["entity"], {})[row["variable"]] = row["text"]
    connection.disconnect()
    asked = {"metallurgy", "equipment", "chemicals", "textiles", "new_energy"}
    return [
        (entity, each["place"])
        for entity, each in found.items()
        if each.get("industry") in asked and each.get("place", "320582") != "320582"
    ][:2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("walk")
    data, city = folder / "ledger", city_of_the_walk(folder)
    known = {"SHAZHOU_DATA": str(data), "SHAZHOU_CITY": str(city), "SHAZHOU_PASSWORD": PASSWORD}
    run("init", **known)
    run("load", **known)
    enterprises = dict(zip(LOCALES, two_enterprises(data, city), strict=True))
    for language, (enterprise, town) in enterprises.items():
        run("user", "add", f"reporter-{language}", "--role", "reporter", "--enterprise", enterprise, **known)
        run("user", "add", f"town-{language}", "--role", "town", "--place", town, **known)
    for role in ("reviewer", "leadership"):
        run("user", "add", role, "--role", role, **known)
    with serving(folder / "serve.log", **known) as address:
        yield Site(address, data, enterprises)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Walker:
    """Somebody at a browser of their own, whose console must stay empty of errors."""

    def __init__(self, browser: Browser, site: Site, language: str, name: str = "") -> None:
        self.site = site
        context = browser.new_context(locale=LOCALES[language], base_url=site.address)
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        if name:
            self.page.goto("/sign-in/")
            self.page.locator("[name=username]").fill(name)
            self.page.locator("[name=password]").fill(PASSWORD)
            self.page.locator("main form button").click()
            expect(self.page.locator("header")).to_contain_text(name)

    def tile(self) -> str:
        """What the tile of the walk's promise shows as its value."""
        self.page.goto("/")
        return self.page.locator("#walked .big").inner_text()

    def press(self, act: str) -> None:
        """Presses a button of a return."""
        self.page.locator(f"form.return button[name=act][value='{act}']").click()
        self.page.wait_for_load_state()


@pytest.mark.parametrize("language", LOCALES)
def test_from_a_form_cell_to_the_report(site: Site, browser: Browser, language: str) -> None:
    enterprise, _town = site.enterprises[language]
    form = f"/desk/innovation_annual/{enterprise}/{YEAR}/"
    stranger = Walker(browser, site, language)
    stranger.page.goto("/")
    expect(stranger.page.locator("#walked")).to_contain_text(PROMISES[language])
    leader = Walker(browser, site, language, "leadership")
    before, head_before = leader.tile(), newest_head(leader)

    reporter = Walker(browser, site, language, f"reporter-{language}")
    reporter.page.goto("/desk/")
    reporter.page.locator(f"a[href='{form}']").first.click()
    values = {"revenue": "120", "gross_output": "118.5", "employees": "8,000", "rd_spending": "4,2S"}
    for variable, value in values.items():
        reporter.page.locator(f"#value-{variable}").fill(value)
    reporter.press("submit")
    expect(reporter.page.locator("#value-rd_spending")).to_have_value("4,2S")
    expect(reporter.page.locator("#value-rd_spending")).to_have_attribute("aria-invalid", "true")
    reporter.page.locator("#value-rd_spending").fill("42.5")
    reporter.press("submit")

    town = Walker(browser, site, language, f"town-{language}")
    town.page.goto(form)
    town.page.locator("[name=reason-rd_spending]").fill("单位？ Unit?")
    town.press("send back")

    reporter.page.goto(form)
    expect(reporter.page.locator(".sent-back")).to_contain_text("Unit?")
    reporter.page.locator("#value-rd_spending").fill("4.25")
    reporter.press("submit")
    town.page.goto(form)
    town.press("pass")
    assert leader.tile() == before

    reviewer = Walker(browser, site, language, "reviewer")
    reviewer.page.goto(form)
    reviewer.press("approve")
    after = leader.tile()
    assert after != before
    leader.page.locator("#walked .big a.figure").click()
    panel = leader.page.locator("#panel")
    expect(panel).to_contain_text("4.25")
    panel.locator("a[href^='/documents/']").first.click()
    leader.page.wait_for_load_state()
    expect(leader.page.locator("main")).to_contain_text("rd_spending")

    assert newest_head(leader) != head_before
    leader.page.goto(f"/report/compare/?year={YEAR}&from={head_before}&to={newest_head(leader)}")
    written = leader.page.locator("main ins", has_text=SENTENCES[language].strip().partition("{{")[0].strip(" ："))
    expect(written).to_have_count(1)
    expect(leader.page.locator("main a[href^='/ledger/']").first).to_be_visible()
    for walker in (stranger, leader, reporter, town, reviewer):
        assert walker.errors == []


def newest_head(walker: Walker) -> str:
    """The head that the ledger's page shows first."""
    from shazhou.ledger.ledger import Ledger

    return Ledger.open(walker.site.data).head()
