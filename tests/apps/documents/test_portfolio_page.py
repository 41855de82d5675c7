"""Laws of the page of a portfolio and of its command: years, appetite, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.command_line import refused, say

import breach_sim as bs
from breach_sim.apps.documents.portfolio_page import portfolio_page
from breach_sim.formatting.digits import human, significant

NAMES = ("equifax-2017", "talktalk-2015-confirmed")
OFTEN = ("--frequency", "equifax-2017=0.1", "--frequency", "talktalk-2015-confirmed=1.5")
FEW = ("--replicates", 128)


def headings(page: str) -> list[str]:
    """Return the headings of the chapters of a page."""
    return re.findall(r"<h2[^>]*>(.*?)</h2>", page)


def test_the_page_has_years_and_appetite_where_they_are_asked_for() -> None:
    """Without frequencies the page is of the sum, with them a year comes first; both ask nobody."""
    once = bs.portfolio(NAMES, replicates=128)
    often = bs.portfolio(
        NAMES, frequencies={"equifax-2017": 0.1, "talktalk-2015-confirmed": 1.5}, replicates=128
    )
    plain, yearly = portfolio_page(once), portfolio_page(often, {0.05: 1e9}, "firm_cost_usd")
    assert headings(plain) == ["If each of them happens once", "Loss of all together", "Cautions"]
    assert headings(yearly)[:2] == ["A year", "Against the appetite"]
    assert "Against the appetite" in headings(portfolio_page(once, {0.05: 1e9}))
    assert "The appetite is kept at" in yearly
    for page in (plain, yearly):
        assert "Content-Security-Policy" in page
        assert not re.search(r"<(link|iframe|script)", page)
        assert re.findall(r'<img alt="[^"]+" src="([^;]+);', page) == ["data:image/svg+xml"]
        assert "talktalk-2015-confirmed" not in page
    assert portfolio_page(often) == portfolio_page(often)


def test_the_picture_says_what_the_tables_say() -> None:
    """The figure of a year and of the sum has the appetite's finding in its words, from the same table."""
    once = bs.portfolio(NAMES, replicates=128)
    often = bs.portfolio(NAMES, frequencies=dict.fromkeys(NAMES, 0.5), replicates=128)
    for portfolio, held in ((once, once.appetite({0.05: 1e6})), (often, often.years().appetite({0.05: 1e6}))):
        page = portfolio_page(portfolio, {0.05: 1e6})
        (alt,) = re.findall(r'<img alt="([^"]+)"', page)
        assert alt.startswith("The appetite is exceeded")
        assert f"model gives {human(significant(float(held['model_usd'].iloc[0]), 2))}" in alt
        (alt,) = re.findall(r'<img alt="([^"]+)"', portfolio_page(portfolio, {0.05: 1e15}))
        assert alt.startswith("The appetite is kept")


def test_the_command_prints_a_year_and_writes_the_page(tmp_path: Path) -> None:
    """Contributions, the curve and the appetite are printed; --out writes the page; --json has the years."""
    place = tmp_path / "portfolio.html"
    said = say("portfolio", *NAMES, *OFTEN, "--appetite", "0.05=1e9", "--out", place, *FEW)
    assert (said.code, said.err) == (0, "")
    assert "A year, loss of victims and others" in said.out
    assert re.search(r"at 5 %: 1 billion USD accepted, .* (inside|outside)", said.out)
    assert "A year" in headings(place.read_text(encoding="utf-8"))
    document = json.loads(say("portfolio", *NAMES, *OFTEN, *FEW, "--json").out)
    assert document["frequencies"] == {"equifax-2017": 0.1, "talktalk-2015-confirmed": 1.5}


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--frequency", "equifax-2017"), ("--frequency", "A=0.1")),
        (("--frequency", "equifax-2017=often"), ("--frequency", "A=0.1")),
        (("--frequency", "equifax-2017=0.1"), ("'talktalk-2015-confirmed' is missing",)),
        (("--appetite", "0.05"), ("--appetite", "0.05=1e9")),
        (("--appetite", "x=1e9"), ("--appetite", "0.05=1e9")),
        (("--appetite", "1.5=1e9"), ("1.5", "between 0 and 1")),
        (("--appetite", "0.05=1e9", "--appetite", "0.01=1e8"), ("rarer amount must not be smaller",)),
        (("--of", "firm_cost_usd"), ("--of firm_cost_usd", "--frequency")),
    ],
)
def test_bad_words_are_refused(words: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """Words that are no frequency or no appetite are refused in one line, with the remedy."""
    refused(say("portfolio", *NAMES, *FEW, *words), *parts)
