"""The whole panel of US counties in a ledger: cells, sectors and states are what pyarrow sums of the same file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from shazhou.city.folder import read_city
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "examples" / "us-counties"
STATES = ["06", "36", "48", "01"]
YEARS = ["2017", "2019", "2021"]
COLUMNS = {"establishments": "establishments", "employment": "employment", "annual_payroll": "annual_payroll_kusd"}


@pytest.fixture(scope="module")
def panel() -> pa.Table:
    return pq.read_table(FOLDER / "evidence" / "us_cbp_county_naics4_2017_2021.parquet")


@pytest.fixture(scope="module")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measure]:
    ledger = Ledger.create(tmp_path_factory.mktemp("us") / "ledger")
    loaded = load_evidence(ledger, read_city(FOLDER), FOLDER, "tester")
    assert [each.count for each in loaded] == [0, 3 * 1_164_563]
    yield Measure(ledger)


def summed(panel: pa.Table, column: str, place: str, industries: list[str], year: str) -> int | None:
    """The sum of a column over a county or state, industries and a year; None where there is no row."""
    of_place = pc.starts_with(panel.column("county_fips"), place)
    of_industry = pc.is_in(panel.column("naics"), pa.array(industries))
    of_year = pc.equal(panel.column("year"), int(year))
    found = pc.sum(panel.filter(pc.and_(pc.and_(of_place, of_industry), of_year)).column(column)).as_py()
    return None if found is None else int(found)


def below(industry: str) -> list[str]:
    """The keys of an industry and of all below it."""
    industries = read_city(FOLDER).industries
    found = [industry]
    for each in found:
        found += [key for key, other in industries.items() if other.part_of == each]
    return found


@pytest.mark.parametrize("indicator", sorted(COLUMNS))
def test_states_and_sectors_are_the_sums_of_their_counties_and_industries(
    measure: Measure, panel: pa.Table, indicator: str
) -> None:
    rows = measure.tabulate([indicator], STATES, YEARS, ["31-33", "4451"]).to_pylist()
    assert len(rows) == len(STATES) * len(YEARS) * 2
    for row in rows:
        total = summed(panel, COLUMNS[indicator], row["place"], below(row["industry"]), row["period"])
        assert total is not None
        shown = round(Decimal(total) / 1000, 1) if indicator == "annual_payroll" else Decimal(total)
        assert row["value"] == shown, row


def test_a_cell_of_a_county_and_an_industry_is_what_the_panel_says(measure: Measure, panel: pa.Table) -> None:
    for place in ("01001", "06037", "48453"):
        figure = measure.figure("employment", place, "2019", "4451")
        assert figure.value == summed(panel, "employment", place, ["4451"], "2019")
        assert (figure.observations, figure.unit) == (1, "persons")


def test_a_withheld_cell_is_missing_and_not_zero(measure: Measure, panel: pa.Table) -> None:
    assert summed(panel, "employment", "01001", ["3361"], "2019") is None
    assert measure.figure("employment", "01001", "2019", "3361").value is None
