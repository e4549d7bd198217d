"""Use of the USMCA in 2025: the table, what it says, and the curve fitted on it."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tradewinds.core.errors import ConvergenceError, InputError
from tradewinds.indicators.usmca import build_usmca, fit_use, fit_usmca, sample, usmca_monthly, usmca_use

#: Half a unit of the third decimal.
THREE = 0.51e-3


def monthly(partner: str, name: str) -> list[float]:
    return [getattr(m, name) for m in usmca_monthly() if m.partner == partner]


def test_the_table() -> None:
    table = usmca_use()
    assert len(table.hs6) == 7828 and set(table.partner) == {"CAN", "MEX"}
    assert len(set(zip(table.hs6, table.partner, strict=True))) == 7828
    for period in ("before", "after"):
        assert (table.claimed[period] <= table.imports[period]).all()
        known = np.isfinite(table.mfn_rate)
        assert table.imports[period][known].sum() / table.imports[period].sum() > 0.93
    assert np.nanmin(table.mfn_rate) == 0 and 0.3 < np.nanmax(table.mfn_rate) < 1


def test_canada_over_2025_by_each_average() -> None:
    """By value use rose from 0.345 to 0.573. The mean over all ten-digit lines, traded or not, was 0.164 in January and
    0.172 in June: 0.16 and 0.34, sometimes quoted as a rise, are two averages of the same January."""
    by_value, by_line, by_any = (monthly("CAN", n) for n in ("by_value", "by_traded_line", "by_any_line"))
    assert (by_value[0], by_value[-1]) == (pytest.approx(0.345, abs=THREE), pytest.approx(0.573, abs=THREE))
    assert (by_line[0], by_line[-1]) == (pytest.approx(0.415, abs=THREE), pytest.approx(0.452, abs=THREE))
    assert (by_any[0], by_any[-1]) == (pytest.approx(0.164, abs=THREE), pytest.approx(0.172, abs=THREE))
    assert len(by_value) == 6


def test_use_rises_with_the_margin() -> None:
    """Elasticity of the odds to the margin 0.42 with error 0.04, on 3,543 codes; margin and size explain a ninth of the
    variance, so a curve predicts averages, not lines. Figures are kept to half a unit of the last digit."""
    curve = fit_usmca()
    assert curve.names == ("constant", "log_margin", "mexico", "log_imports")
    assert curve.coefficient[1] == pytest.approx(0.4215, abs=1e-4)
    assert curve.error[1] == pytest.approx(0.0375, abs=1e-4)
    assert (curve.n, curve.clusters) == (3543, 2116)
    assert curve.r2 == pytest.approx(0.116, abs=THREE)
    assert curve.use([0.01, 0.05, 0.2]) == pytest.approx([0.643, 0.780, 0.864], abs=THREE)


def test_the_form_that_firms_imply_fits_better() -> None:
    assert fit_usmca("log_margin").r2 > fit_usmca("margin").r2 + 0.02


def test_the_curve_of_january_says_too_much_for_june_by_lines() -> None:
    """Out of sample: with 25 points more at stake the curve predicts 0.87 of codes' use for Canada; 0.775 came. Fixed
    costs and goods that cannot qualify bind the rest. By value the rise was far larger, 0.46 to 0.92."""
    before, after = sample("before"), sample("after", penalty=True)
    canada = after.mexico == 0
    size = np.log(after.imports) - np.log(before.imports).mean()
    predicted = fit_usmca().use(after.margin, mexico=after.mexico, log_imports=size)[canada].mean()
    assert predicted == pytest.approx(0.870, abs=THREE)
    assert after.use[canada].mean() == pytest.approx(0.775, abs=THREE)
    by_value = [
        float((s.use * s.imports)[s.mexico == 0].sum() / s.imports[s.mexico == 0].sum()) for s in (before, after)
    ]
    assert by_value == pytest.approx([0.458, 0.916], abs=THREE)
    plain = sample("after")
    assert set(np.round(after.margin - plain.margin, 12)) == {0.10, 0.25}


def test_the_fit_finds_what_made_the_data() -> None:
    """40,000 uses drawn from a known curve: within four standard errors, and the errors are those of the spread."""
    rng = np.random.default_rng(4)
    margin = rng.uniform(0.005, 0.3, 40_000)
    truth = 1 / (1 + np.exp(-(2.0 + 0.5 * np.log(margin))))
    found = fit_use(margin, (rng.random(40_000) < truth).astype(float))
    assert np.abs(found.coefficient - [2.0, 0.5]).max() < 4 * found.error.max()
    design = np.column_stack([np.ones(40_000), np.log(margin)])
    fisher = np.linalg.inv((design * (truth * (1 - truth))[:, None]).T @ design)
    assert found.error == pytest.approx(np.sqrt(np.diag(fisher)), rel=0.03)
    assert found.use(0.1) == pytest.approx(1 / (1 + 0.1**-0.5 * np.exp(-2)), abs=0.02)


def test_clusters_that_repeat_every_row_double_the_variance() -> None:
    """Each row twice in a cluster: the same coefficients, errors √2 of those that take rows for independent (and the
    small-sample factor)."""
    rng = np.random.default_rng(9)
    margin, use = rng.uniform(0.01, 0.2, 500), rng.random(500)
    twice, code = np.concatenate([margin, margin]), np.tile(np.arange(500), 2)
    clustered = fit_use(twice, np.concatenate([use, use]), cluster=code)
    naive = fit_use(twice, np.concatenate([use, use]))
    single = fit_use(margin, use)
    assert clustered.coefficient == pytest.approx(single.coefficient, rel=1e-8)
    assert clustered.error == pytest.approx(single.error, rel=1e-8)
    assert clustered.error / naive.error == pytest.approx(2**0.5, rel=1e-3)


def test_what_has_no_maximum_is_refused() -> None:
    margin = np.linspace(0.01, 0.2, 50)
    with pytest.raises(ConvergenceError, match="no maximum"):
        fit_use(margin, (margin > 0.1).astype(float))
    with pytest.raises(InputError, match="margins > 0"):
        fit_use([0.0, 0.1], [0.5, 0.5])
    with pytest.raises(InputError, match="unknown form"):
        fit_use([0.05, 0.1], [0.5, 0.6], form="square")  # type: ignore[arg-type]


def test_the_tables_are_built_from_the_raw_ones(tmp_path: Path) -> None:
    """A miniature of both layouts: one dutiable code, one free, one with a single MFN origin."""
    imports = tmp_path / "us_imports_hs10_2024"
    use = tmp_path / "us_preference_utilisation"
    imports.mkdir()
    use.mkdir()
    rows = [("JAPAN", "010110", 1e6, 5e4), ("INDIA", "010110", 1e6, 3e4), ("NORWAY", "010110", 1e4, 9e3)]
    rows += [("CHINA", "010110", 1e6, 9e5), ("JAPAN", "020220", 1e6, 0), ("INDIA", "020220", 1e6, 100)]
    rows += [("JAPAN", "030330", 1e6, 5e4)]
    values = ", ".join(f"('0', '{who}', '{code}', {value}, {duty})" for who, code, value, duty in rows)
    duckdb.execute(
        f"copy (select * from (values {values}) t(CTY_CODE, CTY_NAME, HS6, imports, duty)) "
        f"to '{imports / 'us_imports_hs6_2024_by_country.parquet'}' (format parquet)"
    )
    for month in range(1, 7):
        with gzip.open(use / f"usmca_product_shares_2025_{month:02d}.csv.gz", "wt", newline="") as file:
            table = csv.writer(file)
            table.writerow(["hts10", "cty_code", "usmca_share", "total_value", "usmca_value"])
            table.writerow(["0101101000", "1220", 0.5, 100 * month, 50 * month])
            table.writerow(["0101102000", "1220", 0, 100, 0])
            table.writerow(["0202200000", "2010", 0, 0, 0])
            table.writerow(["0303300000", "2010", 1, 10, 10])
    cells, months = build_usmca(tmp_path, tmp_path)
    lines = [line for line in cells.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == [
        "hs6,partner,mfn_rate,imports_before,claimed_before,imports_after,claimed_after",
        "010110,CAN,0.0400,500,150,1800,750",
        "030330,MEX,,20,20,30,30",
    ]
    assert "CAN,2,2,2,300,100,0.250000,0.250000" in months.read_text("utf-8")
    assert "MEX,1,2,1,10,10,0.500000,1.000000" in months.read_text("utf-8")
    with pytest.raises(InputError, match="no such file"):
        build_usmca(tmp_path / "nowhere", tmp_path)
