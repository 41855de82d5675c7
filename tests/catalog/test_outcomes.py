"""Laws of the file of published amounts, of a user's file in its format, and of exchange and prices."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from breach_sim import catalog
from breach_sim.catalog import CatalogError, load_amounts, read_amounts
from breach_sim.catalog.amounts.exchange import PRICES_SOURCE, constant_usd, rates_source, usd_per_unit
from breach_sim.catalog.amounts.outcomes import OPTIONAL, REQUIRED, identity_of, ignored_columns, plain_name
from breach_sim.inputs.firm.outcomes import COUNTS
from breach_sim.inputs.published import breach_of

QC = Path(__file__).parents[1] / "qc"
DATA = Path(__file__).parents[2] / "breach_sim" / "catalog" / "data" / "outcomes"
AMOUNTS = load_amounts()
HEADER = "breach,year,country,sector,people,fields,kind,amount,currency,set_on,verified\n"
ROW = 'Shop Inc.,2019,UK,retail,"2,000,000",full_name;ssn,fine,1_000_000,EUR,2020-10-30,seen\n'


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a user's file."""
    path = folder / "mine.csv"
    path.write_text(text, encoding=encoding)
    return path


def with_cells(**cells: str) -> str:
    """Return the text of a file of one row, some of whose cells are changed."""
    row = next(csv.reader([ROW]))
    changed = [cells.get(name, cell) for name, cell in zip(HEADER.strip().split(","), row, strict=True)]
    return HEADER + ",".join(f'"{cell}"' for cell in changed) + "\n"


# The amounts of the package


def test_every_row_is_used_or_left_out_with_a_reason() -> None:
    """All 173 figures of the facts and 27 older ones are there: 133 fitted, the others with a reason."""
    assert {"fit": 131, "check": 41, "left out": 28} == Counter(one.use for one in AMOUNTS)
    assert [] == [one for one in AMOUNTS if (one.use == "fit") != (one.reason == "")]


def test_what_is_fitted_is_money_of_known_people() -> None:
    """A fitted amount is money about a known number of people, and its note does not say to leave it out."""
    fitted = [one for one in AMOUNTS if one.use == "fit"]
    assert all(one.is_money and one.people for one in fitted)
    assert [] == [one.name for one in fitted if one.status == "recalled" or "leave out" in one.note]


def test_one_payment_is_one_fitted_row() -> None:
    """No breach has two fitted rows of one kind."""
    fitted = Counter((one.breach, one.kind) for one in AMOUNTS if one.use == "fit")
    assert [] == [key for key, number in fitted.items() if number > 1]


@pytest.mark.parametrize(
    ("breach", "kinds", "amount"),
    [
        ("att-73m-2024", ("settlement",), 149e6),
        ("facebook-2021", ("fine", "fine_gdpr"), 265e6),
        ("opm-2015", ("cost", "cost_contract"), 421e6),
        ("home-depot-2014", ("settlement",), 13e6),
        ("premera-2014", ("settlement", "settlement_total"), 74e6),
        ("target-2013", ("cost_gross",), 291e6),
        ("equifax-2017", ("cost_gross",), 1.7e9),
        ("medibank-2022", ("cost_gross",), 86.2e6),
        ("talktalk-2015", ("cost", "cost_gross"), 60e6),
        ("unknown-fr-2021", ("fine_gdpr",), 150_000),
    ],
)
def test_of_rows_about_one_payment_one_is_fitted(breach: str, kinds: tuple[str, ...], amount: float) -> None:
    """Of several rows that speak of the same money exactly one is fitted: the last, whole and seen one."""
    rows = [one for one in AMOUNTS if one.breach == breach and one.kind in kinds]
    assert len(rows) > 1
    assert [amount] == [one.amount for one in rows if one.use == "fit"]


def test_only_what_is_not_exact_has_a_bound() -> None:
    """The fitted ceilings are those whose source says so."""
    ceilings = {(one.breach, one.kind) for one in AMOUNTS if one.use == "fit" and one.bound != "exact"}
    assert ceilings == {
        ("target-2013", "card_networks"), ("premera-2014", "settlement_total"),
        ("desjardins-2019", "settlement_cap"), ("lifelabs-2019", "settlement"),
        ("family-health-center-2024", "settlement"), ("tmobile-2021", "fine"),
    }  # fmt: skip


def test_a_breach_has_one_identity_whatever_its_spelling() -> None:
    """Rows of one breach under several names have one identity."""
    names: dict[str, set[str]] = {}
    for one in AMOUNTS:
        names.setdefault(one.breach, set()).add(one.name)
    assert {breach: spelled for breach, spelled in names.items() if len(spelled) > 1} == {
        "anthem-2015": {"Anthem", "Anthem Inc."},
        "excellus-2015": {"Excellus Health Plan, Inc.", "Excellus Bluecross BlueShield"},
        "experian-2015": {"Experian (T-Mobile applicants)", "Experian Plc"},
        "facebook-2021": {"Facebook", "Meta Platforms Ireland Limited (Facebook)"},
        "lastpass-2022": {"LastPass UK", "LastPass US"},
        "marriott-2018": {"Marriott Starwood", "Marriott International, Inc"},
        "opm-2015": {"OPM", "Office of Personnel Management", "US Office of Personnel Management"},
        "premera-2014": {"Premera", "Premera Blue Cross"},
    }


def test_an_identity_is_the_name_of_the_scenarios() -> None:
    """Where the library has the breach, its identity is the name of the scenarios up to the year."""
    library = {breach_of(name) for name in catalog.scenario_names()}
    assert library & {one.breach for one in AMOUNTS} == {
        "anthem-2015", "att-73m-2024", "att-snowflake-2024", "capital-one-2019", "change-healthcare-2024",
        "equifax-2017", "experian-2015", "facebook-2021", "free-2024", "home-depot-2014", "kt-2012",
        "marriott-2018", "medibank-2022", "opm-2015", "sk-telecom-2025", "talktalk-2015", "tmobile-2021",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "year", "breach"),
    [
        ("ANTHEM", "2015", "anthem-2015"),
        ("Anthem, Inc.", "", "anthem-2015"),
        ("anthem-2015", "", "anthem-2015"),
        ("Anthem", "2031", "anthem-2031"),
        ("Marriott International", "2018", "marriott-2018"),
        ("T-Mobile", "2021", "tmobile-2021"),
        ("T-Mobile", "2016", "tmobile-cz-2016"),
        ("Medibank", "2022", "medibank-2022"),
        ("Odido", "2026", "odido-2026"),
        ("Société Générale S.A.", "2020", "societe-generale-2020"),
    ],
)
def test_a_users_name_finds_the_breach(tmp_path: Path, name: str, year: str, breach: str) -> None:
    """A name in another spelling has the identity of its breach; a new name and year are a new breach."""
    (one,) = read_amounts(written(tmp_path, with_cells(breach=name, year=year, set_on="")))
    assert breach == one.breach
    assert plain_name(name) == plain_name(name.upper())


def test_every_other_spelling_is_of_a_known_breach() -> None:
    """A spelling leads to a breach of the library or of the amounts, and says what no other rule says."""
    known = {breach_of(name) for name in catalog.scenario_names()} | {one.breach for one in AMOUNTS}
    rows = rows_of(DATA / "spellings.csv")
    assert {row["identity"] for row in rows} <= known
    assert [] == [row for row in rows if identity_of(row["breach"], int(row["year"]), {}) == row["identity"]]
    keys = [(plain_name(row["breach"]), row["year"]) for row in rows]
    assert len(keys) == len(set(keys))


# Money


def test_an_amount_is_converted_at_the_rate_of_its_month() -> None:
    """SK Telecom's fine is 97 million USD, as its own source says, and every other currency has USD."""
    (fine,) = [one for one in AMOUNTS if one.breach == "sk-telecom-2025" and one.kind == "fine"]
    assert fine.usd == pytest.approx(97e6, rel=0.005)
    assert fine.usd == 134_790_000_000 * catalog.load_exchange_rates()["KRW"]["2025-08"]
    for one in AMOUNTS:
        assert (one.usd is None) == (one.usd_constant is None) == (one.kind in COUNTS)
        assert one.currency != "USD" or one.usd == one.amount


def test_rates_agree_with_a_second_source() -> None:
    """Monthly averages of two central banks differ by at most 1.1 %, as the days on which they trade do."""
    for row in rows_of(QC / "rates_of_exchange.csv"):
        rate = catalog.load_exchange_rates()[row["currency"]][row["month"]]
        assert rate == pytest.approx(float(row["usd_per_unit"]), rel=0.011), row


def test_an_amount_of_a_year_has_the_average_rate_of_the_year() -> None:
    """A year without a month has the mean over its months, and the caution says so."""
    months = [
        rate for month, rate in catalog.load_exchange_rates()["GBP"].items() if month.startswith("2016")
    ]
    assert (pytest.approx(sum(months) / 12), "at the average rate of 2016") == usd_per_unit(
        "GBP", "2016", None
    )
    assert usd_per_unit("GBP", "2016", None) == usd_per_unit("GBP", "", 2016)


@pytest.mark.parametrize(("set_on", "year"), [("2040-01-31", None), ("2040", None), ("", 2040), ("", None)])
def test_after_the_last_month_the_last_rate_is_used(set_on: str, year: int | None) -> None:
    """A date after the data, and no date, have the rate of the last month, and the caution says so."""
    last, rate = list(catalog.load_exchange_rates()["EUR"].items())[-1]
    assert (rate, f"at the rate of {last}, the last one known of EUR") == usd_per_unit("EUR", set_on, year)


def test_a_row_says_that_its_rate_is_of_another_month(tmp_path: Path) -> None:
    """The caution about the rate stands in the note of the amount."""
    (one,) = read_amounts(written(tmp_path, with_cells(set_on="2040-01")))
    assert one.note.startswith("at the rate of 20")


def test_months_are_complete() -> None:
    """Every currency has every month between its first and its last."""
    for currency, months in catalog.load_exchange_rates().items():
        first, last = min(months), max(months)
        span = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
        assert span == len(months), currency
        assert list(months) == sorted(months)


def test_prices_agree_with_a_second_entry() -> None:
    """Yearly averages of the index equal the table of the Bureau of Labor Statistics, to its digits."""
    typed = {
        2000: 172.2, 2005: 195.3, 2007: 207.342, 2010: 218.056, 2012: 229.594, 2015: 237.017, 2018: 251.107,
        2019: 255.657, 2020: 258.811, 2021: 270.970, 2022: 292.655, 2023: 304.702, 2024: 313.689,
    }  # fmt: skip
    for year, index in typed.items():
        assert catalog.load_prices()[year] == pytest.approx(index, abs=0.05 if year < 2007 else 0.0011), year


def test_constant_usd_of_2024_are_nominal() -> None:
    """An amount of 2024 is the same in prices of 2024; an older one is more, by the ratio of the index."""
    for one in AMOUNTS:
        if one.usd is not None and one.set_on[:4] == "2024":
            assert one.usd_constant == one.usd
    assert constant_usd(100.0, "", 2012) == pytest.approx(100 * 313.689 / 229.594, rel=1e-5)
    assert constant_usd(100.0, "2040-05", 2012) == constant_usd(100.0, "2025", None) < 100


def test_an_amount_before_the_data_is_refused() -> None:
    """A date before the first rate or the first index is an error with the first one known."""
    with pytest.raises(ValueError, match=r"set_on is '1999-12'; rates of GBP are known from 2000-01"):
        usd_per_unit("GBP", "1999-12-31", None)
    with pytest.raises(ValueError, match=r"the year of the amount is 1979; consumer prices are known"):
        constant_usd(1.0, "1979", None)


def test_rates_and_prices_have_sources() -> None:
    """The source of every currency's rates, and that of the prices, is in the catalog."""
    sources = {rates_source(currency) for currency in catalog.load_exchange_rates()} | {PRICES_SOURCE}
    assert {"fed-g5", "ecb-reference-rates", "bls-cpi-u"} == sources
    assert sources <= set(catalog.load_sources())


# The second entry


def differences(typed: list[dict[str, str]], entered: list[dict[str, str]]) -> list[str]:
    """List what differs between the second entry of the amounts and the file of the package."""
    if len(typed) != len(entered):
        return [f"typed {len(typed)} rows, the package has {len(entered)}"]
    found = []
    for line, (once, again) in enumerate(zip(typed, entered, strict=True), 2):
        row = {**again, "status": again["verified"]}
        for name, value in once.items():
            numeric = name in {"people", "amount"} and value and row[name]
            same = Decimal(value) == Decimal(row[name]) if numeric else value == row[name]
            found += [] if same else [f"line {line}, {name}: typed {value!r}, package has {row[name]!r}"]
    return found


def test_amounts_were_typed_twice() -> None:
    """Name, kind, people, amount, currency, date and status of each row equal their second entry."""
    assert [] == differences(rows_of(QC / "published_amounts.csv"), rows_of(DATA / "amounts.csv"))


@pytest.mark.parametrize("name", ["people", "amount", "currency", "set_on", "verified", "kind"])
def test_a_planted_error_of_an_amount_is_found(name: str) -> None:
    """A cell of the package that was typed wrongly is the one difference."""
    entered = rows_of(DATA / "amounts.csv")
    entered[6] = entered[6] | {name: f"{entered[6][name]}0"}
    (found,) = differences(rows_of(QC / "published_amounts.csv"), entered)
    assert found.startswith(f"line 8, {name.replace('verified', 'status')}: typed")


# A user's file


def test_the_format_of_the_package_is_that_of_a_user(tmp_path: Path) -> None:
    """The facts without identity, use, reason and bound are read as a user's file, breaches and USD alike."""
    own = {"identity", "use", "reason", "bound"}
    rows = [
        {name: cell for name, cell in row.items() if name not in own} for row in rows_of(DATA / "amounts.csv")
    ]
    with (tmp_path / "mine.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    again = read_amounts(tmp_path / "mine.csv")
    keys = ("name", "breach", "kind", "amount", "usd", "usd_constant", "people", "fields", "sector", "note")
    for one, other in zip(AMOUNTS, again, strict=True):
        assert [getattr(one, key) for key in keys] == [getattr(other, key) for key in keys]


def test_a_row_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Numbers may have commas and underscores, UK is GB, and fields are read under other names."""
    (one,) = read_amounts(written(tmp_path, HEADER + ROW))
    assert (one.breach, one.year, one.country, one.people) == ("shop-2019", 2019, "GB", 2e6)
    assert (one.amount, one.currency, one.fields) == (1e6, "EUR", ("full_name", "ssn"))
    assert one.usd == 1e6 * catalog.load_exchange_rates()["EUR"]["2020-10"]
    assert (one.use, one.reason, one.bound) == ("fit", "", "exact")


def test_case_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    """A header in capitals and a file with a byte order mark are read alike."""
    plain = read_amounts(written(tmp_path, HEADER + ROW))
    assert plain == read_amounts(written(tmp_path, HEADER.upper().replace("_", " ") + ROW, "utf-8-sig"))


def test_four_columns_suffice(tmp_path: Path) -> None:
    """Breach, kind, amount and currency are needed; without people a row can only be checked."""
    (one,) = read_amounts(written(tmp_path, "breach,kind,amount,currency\nShop,fine,5e5,usd\n"))
    assert (one.breach, one.usd, one.people, one.use) == ("shop", 5e5, None, "check")
    assert one.reason.startswith("people not published")


def test_other_columns_are_ignored_and_listed(tmp_path: Path) -> None:
    """Columns that the format does not have change nothing, and their names can be asked for."""
    path = written(tmp_path, HEADER.replace("breach,", "My Notes,breach,") + f"x,{ROW}")
    assert ("My Notes",) == ignored_columns(path)
    assert "shop-2019" == read_amounts(path)[0].breach
    assert set(rows_of(DATA / "amounts.csv")[0]) == {*REQUIRED, *OPTIONAL}


BAD_CELLS: Mapping[str, tuple[dict[str, str], str]] = {
    "money without currency": ({"currency": ""}, "currency of fine is ''; money has one, such as USD"),
    "unknown currency": (
        {"currency": "EURO"},
        "unknown currency 'EURO' in column 'currency'; did you mean",
    ),
    "no people": ({"people": "0"}, "people is 0; it must be above 0"),
    "negative people": ({"people": "-5"}, "people is -5; it must be above 0"),
    "people in words": ({"people": "2 million"}, "people is '2 million'; write a number such as 1250000"),
    "unknown kind": (
        {"kind": "setlement"},
        "unknown kind 'setlement' in column 'kind'; did you mean 'settle",
    ),
    "no amount": ({"amount": ""}, "amount is ''; write a number"),
    "amount of zero": ({"amount": "0"}, "amount is 0; it must be above 0"),
    "negative amount": ({"amount": "-1,000"}, "amount is -1000; it must be above 0"),
    "a decimal comma": ({"amount": "1.000,50"}, "amount is '1.000,50'; write a number"),
    "a sign of a currency": ({"amount": "$5"}, "amount is '$5'; write a number"),
    "more than the world makes": ({"amount": "1e15"}, "it must be at most 1.1e+14 USD, the world's product"),
    "no date": ({"set_on": "last year"}, "set_on is 'last year'; write a date as 2020-10-30"),
    "no such day": ({"set_on": "2020-02-30"}, "set_on is '2020-02-30'; write a date as 2020-10-30"),
    "no year": ({"year": "15"}, "year is '15'; write the year of the breach as 2015"),
    "unknown sector": (
        {"sector": "ratail"},
        "unknown sector 'ratail' in column 'sector'; did you mean",
    ),
    "unknown country": ({"country": "England"}, "country 'ENGLAND' in column 'country'; write two capital"),
    "unknown status": ({"verified": "sene"}, "unknown status 'sene'"),
    "no name": ({"breach": ""}, "the breach has no name"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_cell_is_reported_at_its_line(tmp_path: Path, case: str) -> None:
    """A bad cell gives file, line, value, rule and remedy."""
    cells, message = BAD_CELLS[case]
    text = HEADER + ROW + with_cells(**cells).removeprefix(HEADER)
    with pytest.raises(CatalogError) as caught:
        read_amounts(written(tmp_path, text))
    assert str(caught.value).startswith("mine.csv, line 3: ")
    assert message in str(caught.value)


BAD_FILES: Mapping[str, tuple[str, str]] = {
    "empty": ("", "mine.csv: the file has no row; it needs a header and one row for each amount"),
    "header only": (HEADER, "mine.csv: the file has no row"),
    "no kind": (
        "breach,amount,currency\na,1,USD\n",
        "mine.csv, line 1: column 'kind' is missing;",
    ),
    "semicolons": ("breach;kind;amount;currency\na;fine;1;USD\n", "separate the columns by commas"),
    "a column twice": (
        "breach,kind,amount,currency,Kind\na,fine,1,USD,fine\n",
        "column 'kind' stands there",
    ),
    "a comma too many": (
        f"{HEADER}{ROW.strip()},x\n",
        "mine.csv, line 2: 12 cells, and the header has",
    ),
    "an open quote": (f'{HEADER}"Shop,2019\n', "mine.csv, line 2: not valid CSV: unexpected end of data"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused(tmp_path: Path, case: str) -> None:
    """A file without rows or a needed column, or that is no CSV, is refused with the remedy."""
    text, message = BAD_FILES[case]
    with pytest.raises(CatalogError) as caught:
        read_amounts(written(tmp_path, text))
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there, a directory, and bytes that are no text are refused with the remedy."""
    with pytest.raises(CatalogError, match=r"none\.csv: no such file; a CSV file with the columns"):
        read_amounts(tmp_path / "none.csv")
    with pytest.raises(CatalogError, match=r"this is a directory and no file; name a \.csv file in it"):
        read_amounts(tmp_path)
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADER.encode() + "Société,2019".encode("latin-1"))
    with pytest.raises(CatalogError, match=r"latin\.csv: byte \d+ is not UTF-8; save the file as UTF-8 text"):
        read_amounts(path)
