"""Runs one simulation of gegravity; called by its own interpreter, which has that package and not this one.

Usage: python gegravity_run.py FLOWS.csv COUNTRY SIGMA REPEATS; prints JSON with seconds and the change of real GDP.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

import gegravity as ge  # noqa: E402
import pandas as pd  # noqa: E402


def prepared(data: pd.DataFrame, reference: str, sigma: float) -> ge.OneSectorGE:
    """A model with its baseline built, and the experiment defined."""
    columns = {"imp_var_name": "importer", "exp_var_name": "exporter", "year_var_name": "year"}
    money = {"trade_var_name": "trade", "expend_var_name": "E", "output_var_name": "Y"}
    coefficients = pd.DataFrame([{"var": "cost", "coeff": 1.0}, {"var": "pta", "coeff": 1.0}])
    model = ge.OneSectorGE(
        ge.BaselineData(data, **columns, **money),
        year="2000",
        expend_var_name="E",
        output_var_name="Y",
        cost_coeff_values=ge.CostCoeffs(estimates=coefficients, identifier_col="var", coeff_col="coeff"),
        cost_variables=["cost", "pta"],
        reference_importer=reference,
        sigma=sigma,
        quiet=True,
    )
    model.build_baseline()
    changed = model.baseline_data.copy()
    changed["pta"] = changed["pta_new"]
    model.define_experiment(changed)
    return model


def main() -> None:
    path, reference, sigma, repeats = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    data = pd.read_csv(path, dtype={"year": str})
    seconds, built = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        model = prepared(data, reference, sigma)
        middle = time.perf_counter()
        model.simulate()
        built.append(middle - begun)
        seconds.append(time.perf_counter() - middle)
    change = model.country_results["GDP change (percent)"]
    residual = float(abs(model.solver_diagnostics["full_GE"]["fun"]).max())
    print(json.dumps({"seconds": seconds, "built": built, "gdp": change.to_dict(), "residual": residual}))


if __name__ == "__main__":
    main()
