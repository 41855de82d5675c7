"""The file of posterior rows: it belongs to its data, survives packing, and holds the chance of a payment."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from breach_sim import catalog
from breach_sim.analysis.calibration.rows import fit_rows
from breach_sim.catalog import CatalogError
from breach_sim.catalog.amounts import payments
from breach_sim.catalog.reader import data
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.firm.payments import DATA_KINDS, LINES, PLACES, SPREADS, Case, spread_index

RESOLUTION = 1e-5
"""Largest error of a packed number, as a part of its column's range: below one part in 100,000."""
SCALES = 13
HASH = "ab" * 32


def toy(rows: int = 50, seed: int = 1) -> dict[str, Array]:
    """Return arrays of a posterior that nothing was fitted on."""
    rng = np.random.default_rng(seed)
    n = len(LINES)
    return {
        "intercept": 15 + rng.standard_normal((rows, n)),
        "slope": 0.6 + 0.1 * rng.standard_normal((rows, n)),
        "data_effect": rng.standard_normal((rows, n, len(DATA_KINDS))),
        "place_effect": rng.standard_normal((rows, len(PLACES))),
        "spread": np.exp(rng.standard_normal((rows, n))),
        "shared": rng.uniform(size=rows),
        # A column without any spread must survive as well.
        "paid": np.concatenate([rng.standard_normal((rows, n, 2)), np.full((rows, n, 1), -2.0)], axis=2),
        "numbers": rng.standard_normal((rows, SCALES)),
        "ln_amount": 15 + rng.standard_normal((rows, 7)),
    }


def written(tmp_path: Path, arrays: dict[str, Array], refits: dict[str, tuple[Array, Array]]) -> Path:
    """Write a file of rows."""
    path = tmp_path / "payment_rows.npz"
    path.write_bytes(payments.pack(arrays, refits, figures=7, hashed=HASH))
    return path


def test_packed_rows_are_read_to_their_resolution(tmp_path: Path) -> None:
    """Every number comes back within 1 / 100,000 of the range of its column; a constant one exactly."""
    arrays = toy()
    found = payments.read_rows(written(tmp_path, arrays, {}), HASH)
    assert int(found["figures"]) == 7
    for name, own in arrays.items():
        assert found[name].shape == own.shape, name
        away = np.abs(found[name] - own).max(axis=0)
        assert (away <= RESOLUTION * np.ptp(own, axis=0)).all(), name
    assert (found["paid"][:, :, 2] == -2.0).all()


def test_fits_without_a_breach_are_kept_by_its_name(tmp_path: Path) -> None:
    """Draws of a fit without a breach come back in single precision under the name of the breach."""
    numbers, amounts = toy()["numbers"][:9], toy()["ln_amount"][:9]
    found = payments.read_rows(
        written(tmp_path, toy(), {"elsewhere-2030": (numbers, amounts), "other-2031": (-numbers, -amounts)}),
        HASH,
    )
    assert list(found["refits"]) == ["elsewhere-2030", "other-2031"]
    assert np.allclose(found["refit_1_numbers"], -numbers, rtol=1e-6)
    assert np.allclose(found["refit_0_ln_amount"], amounts, rtol=1e-6)


def test_packing_the_same_twice_gives_the_same_bytes() -> None:
    """The file depends on its arrays alone, so that a second fit can be compared with the shipped one."""
    first, second = (payments.pack(toy(), {}, figures=7, hashed=HASH) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_rows_of_other_data_are_refused(tmp_path: Path) -> None:
    """A file that names another hash is refused: both hashes, the file, the rule and the remedy."""
    path = written(tmp_path, toy(), {})
    with pytest.raises(CatalogError) as caught:
        payments.read_rows(path, "cd" * 32)
    text = str(caught.value)
    for part in (
        HASH[:12],
        ("cd" * 32)[:12],
        "payment_rows.npz",
        "fitted on data",
        "fit them again",
        "restore",
    ):
        assert part in text, part


def broken() -> dict[str, bytes]:
    """Return what may stand in the place of the file."""
    other, whole = io.BytesIO(), payments.pack(toy(), {}, figures=7, hashed=HASH)
    np.savez(other, hash=np.array(HASH))
    middle = len(whole) // 2
    turned = bytes(255 - byte for byte in whole[middle : middle + 50])
    return {
        "empty": b"",
        "text": b"no archive",
        "another archive": other.getvalue(),
        "cut": whole[:middle],
        "changed": whole[:middle] + turned + whole[middle + 50 :],
    }


@pytest.mark.parametrize("what", ["empty", "text", "another archive", "cut", "changed"])
def test_what_is_no_file_of_rows_is_refused(tmp_path: Path, what: str) -> None:
    """An empty, cut or damaged file, plain text and an archive without rows are named, with the remedy."""
    path = tmp_path / "payment_rows.npz"
    path.write_bytes(broken()[what])
    with pytest.raises(CatalogError, match=r"payment_rows\.npz.*not a file of posterior rows.*restore it"):
        payments.read_rows(path, HASH)


@pytest.mark.parametrize("name", payments.FITTED_ON)
def test_the_hash_knows_every_file_of_the_fit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """One byte more in any file of the fit is another hash; other line ends are the same one."""
    before = payments.data_hash()

    def patched(*parts: str) -> Path:
        path = tmp_path / parts[-1]
        extra = b"\n" if parts[-1] == name else b""
        path.write_bytes(data(*parts).read_bytes() + extra)
        return path

    monkeypatch.setattr(payments, "data", patched)
    assert payments.data_hash() != before

    def windows(*parts: str) -> Path:
        path = tmp_path / parts[-1]
        path.write_bytes(data(*parts).read_bytes().replace(b"\n", b"\r\n"))
        return path

    monkeypatch.setattr(payments, "data", windows)
    assert payments.data_hash() == before


# The file that ships ---------------------------------------------------------------------------------------


def test_the_shipped_rows_were_fitted_on_the_shipped_data() -> None:
    """The posterior names the hash of the data beside it and as many amounts as are marked for the fit."""
    rows = catalog.load_payment_rows()
    assert rows.hash == payments.data_hash()
    assert rows.figures == len(fit_rows()) == catalog.load_payment_arrays()["ln_amount"].shape[1]
    assert rows.rows == 4_000


def test_the_shipped_rows_are_a_posterior() -> None:
    """Shapes are those of lines, data and places; spreads are positive, shares lie between 0 and 1."""
    rows, n = catalog.load_payment_rows(), len(LINES)
    assert rows.intercept.shape == rows.slope.shape == rows.spread.shape == (4_000, n)
    assert rows.data_effect.shape == (4_000, n, len(DATA_KINDS))
    assert rows.place_effect.shape == (4_000, len(PLACES))
    assert rows.paid.shape == (4_000, n, 3)
    assert (rows.spread > 0).all()
    assert ((rows.shared > 0) & (rows.shared < 1)).all()
    for array in (rows.intercept, rows.slope, rows.data_effect, rows.place_effect, rows.paid):
        assert np.isfinite(array).all()
    for line in LINES:
        alike = [other for other in LINES if spread_index(other) == spread_index(line)]
        own = rows.spread[:, [LINES.index(other) for other in alike]]
        assert np.allclose(own, own[:, :1], rtol=1e-4), line
    assert len({spread_index(line) for line in LINES}) == len(SPREADS)


def test_a_larger_breach_is_more_likely_to_pay_and_pays_more() -> None:
    """Slopes of size are positive in the mean of every line, for the chance of a payment and for its size."""
    rows = catalog.load_payment_rows()
    assert (rows.paid[:, :, 1].mean(axis=0) > 0).all()
    assert (rows.slope.mean(axis=0) > 0).all()


def test_lines_without_counts_keep_their_prior() -> None:
    """Without counts h has mean h0 and spread 1, eta 0.3 and 0.15, within five standard errors."""
    rows, priors = catalog.load_payment_rows(), payments.load_hurdles()
    counted = {row["line"] for row in payments.load_payments_made()}
    size = rows.rows
    for k, line in enumerate(LINES):
        if line in counted:
            continue
        for place, mean, sd in ((0, float(priors[line]["h"]), 1.0), (1, 0.3, 0.15)):
            own = rows.paid[:, k, place]
            assert abs(own.mean() - mean) < 5 * sd / size**0.5, line
            assert abs(own.std() - sd) < 5 * sd / (2 * size) ** 0.5, line
    assert counted < set(LINES)


def test_counts_move_the_chance_of_a_payment() -> None:
    """A line with counts knows h better than its prior did, and kappa is 0 but for the settlement."""
    rows = catalog.load_payment_rows()
    counted = {row["line"] for row in payments.load_payments_made()}
    for k, line in enumerate(LINES):
        if line in counted:
            assert rows.paid[:, k, 0].std() < 0.95, line
        kappa = rows.paid[:, k, 2]
        assert (line == "settlement") == bool(kappa.any()), line
    settlement = rows.paid[:, LINES.index("settlement"), 2]
    assert abs(settlement.mean() + 2) < 5 / rows.rows**0.5
    us, abroad = (
        rows.chance_of_payment("settlement", Case(people=1e6, country=country)).mean()
        for country in ("US", "DE")
    )
    assert abroad < us


def test_every_count_says_where_it_comes_from() -> None:
    """Counts are whole, no more payments than breaches, each with a source of the catalog and a status."""
    sources = catalog.load_sources()
    for row in payments.load_payments_made():
        assert row["line"] in LINES, row
        assert 0 <= int(row["paid"]) <= int(row["breaches"]), row
        assert int(row["breaches"]) > 0, row
        assert float(row["people"]) > 0, row
        assert float(row["years"]) >= 0, row
        assert row["source"] in {*sources, "amounts.csv"}, row
        assert row["status"] in {"seen", "recalled", "derived"}, row


def test_every_line_has_a_prior_with_its_reason() -> None:
    """Each line gives h and says why; the chance abroad has its own reason."""
    for line, prior in payments.load_hurdles().items():
        assert line in LINES
        assert isinstance(prior["h"], int | float), line
        assert len(prior["why"]) > 20, line
        assert ("abroad" in prior) == ("why_abroad" in prior), line


def test_a_line_without_a_prior_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A line that the file of priors lacks is named, with the file and what to give."""
    text = data("outcomes", "hurdles.toml").read_text(encoding="utf-8")
    path = tmp_path / "hurdles.toml"
    path.write_text(text.replace("[ransom]", "[ranson]"), encoding="utf-8")
    monkeypatch.setattr(payments, "data", lambda *_: path)
    with pytest.raises(CatalogError, match=r"hurdles\.toml.*ransom.*give h and why"):
        payments.load_hurdles()


def test_the_first_law_keeps_its_nine_payments() -> None:
    """The baseline of the first version rests on nine payments with people and USD above 0."""
    found = payments.load_first_payments()
    assert len(found) == 9
    assert all(people > 0 and usd > 0 for _, people, usd in found)
    text = data("outcomes", "first_law.csv").read_text(encoding="utf-8")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 9
