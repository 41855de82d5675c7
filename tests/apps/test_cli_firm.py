"""Laws of the command ``firm``, and of days and sides in ``compare``: what is printed, what is refused."""

from __future__ import annotations

import json

import pytest
from support.command_line import refused, say

FEW = ("--replicates", "64", "--priors")


def test_firm_prints_curve_layers_and_cash() -> None:
    """The screen has the cost, the insurance, the appetite, the curve and the cash by quarter."""
    out = say("firm", "stated", *FEW, "--retention", "1e7", "--limit", "1e8", "--appetite", "0.05=1e9",
                 "--revenue", "68e9", "--discount", "0.05").out  # fmt: skip
    for part in ("paid by insurance", "appetite 1 billion USD at 5 %", "share of revenue", "present value",
                  "By line", "mean [USD of 2024]", "Exceeded with a chance", "paid, mean",
                  "1 in 20 above"):  # fmt: skip
        assert part in " ".join(out.split())


def test_firm_prints_one_document() -> None:
    """With --json one document is printed, with the layer's and the firm's own numbers."""
    found = json.loads(say("firm", "stated", *FEW, "--limit", "1e8", "--sublimit", "fine=5e6", "--json").out)
    assert set(found["layers"]) == {"insurance"}
    assert found["layers"]["insurance"]["p95"] <= 1e8
    assert {"exceedance", "cash_by_quarter", "materiality", "notes"} <= set(found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--retention", "5e7", "--limit", "1e7"), "raise it or lower the retention"),
        (("--limit", "-5"), "it must be above 0 USD"),
        (("--limit", "1e6", "--coinsurance", "1.5"), "from 0 to below 1"),
        (("--limit", "1e6", "--sublimit", "fin=5"), "did you mean 'fine'?"),
        (("--limit", "1e6", "--sublimit", "fine"), "write it as fine=5e6"),
        (("--coinsurance", "0.2"), "give --retention or --limit too"),
        (("--appetite", "0.05"), "write it as 0.05=100e6"),
        (("--appetite", "0.05=1e6", "--appetite", "0.05=2e6"), "twice"),
        (("--appetite", "5=1e6"), "strictly between 0 and 1"),
        (("--revenue", "0"), "give an amount above 0"),
        (("--discount", "8"), "yearly rate from 0 to 1"),
    ],
)
def test_firm_refuses_what_cannot_be(words: tuple[str, ...], said: str) -> None:
    """A layer, appetite, amount or rate that cannot be ends with code 2, a sentence, and nothing printed."""
    refused(say("firm", "stated", *FEW, *words), said)


def test_compare_says_whose_money_and_who_acts() -> None:
    """The screen of compare names sides, the firm's own cost, actors, days and the duty; so does JSON."""
    words = ("compare", "stated", "notice", "drop-ssn", "--replicates", "32", "--can-start-on", "20")
    out = say(*words, "--budget", "1e9").out
    for part in ("of it, mean: victims", "the firm's own cost", "by the breached firm, from day 20",
                 "before the breach only", "no choice", "too late for drop-ssn",
                 "asked for by law"):  # fmt: skip
        assert part in " ".join(out.split())
    found = json.loads(say(*words, "--json").out)
    assert found["can_start_on"] == 20
    drop = found["mitigations"]["drop-ssn"]
    assert drop["possible"] is False
    assert {"averted_victims_usd", "averted_firm_usd", "actor"} <= set(drop)


def test_compare_refuses_a_day_before_the_sale() -> None:
    """A first day below 0 ends with code 2."""
    refused(say("compare", "stated", "notice", "--can-start-on", "-3", "--replicates", "8"), "from 0 on")
