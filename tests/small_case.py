"""A case on the toy world, small enough for every verb, and the library's cases assessed once for all tests."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tradewinds.report.answer import answer
from tradewinds.scenarios.run import Assessment, assess
from tradewinds.scenarios.scenario import library, open_case

AGREEMENT = """
schema = "agreement/1"
id = "can-nor"
title = { en = "Canada and Norway", zh-Hant = "加拿大與挪威" }
status = "hypothetical"
parties = ["CAN", "NOR"]
in_force = 2027-07-01
mapped_by = "A. Author, 2026-11-02"
not_modelled = ["mutual recognition"]

[[goods]]
grantor = "CAN"
beneficiary = ["NOR"]
sectors = ["food"]
basket = "B"
because = "food over five years"

[[goods]]
grantor = "CAN"
beneficiary = ["NOR"]
sectors = ["machines"]
share = 0.5
basket = "A"
because = "half of machines at once"

[[goods]]
grantor = "NOR"
beneficiary = ["CAN"]
basket = "C"
because = "everything over ten years"

[utilisation]
value = 0.8
because = "a guess"
"""

SCENARIO = """
schema = "scenario/1"
id = "small"
title = { en = "A small case", zh-Hant = "小型案例" }
question = { en = "What does it do?", zh-Hant = "有何影響？" }
benchmark = { en = "Invented trade.", zh-Hant = "虛構之貿易。" }
sign = { en = "Plus is more.", zh-Hant = "正號為增加。" }
world = "toy3"
me = "NOR"
parties = ["CAN", "NOR"]
rivals = ["GBR"]
years = [2027, 2031]
headline = "draft"

[[variant]]
id = "draft"
agreements = ["can-nor"]
title = { en = "Draft", zh-Hant = "草案" }

[[shock]]
variable = "tariff_rate"
where = { importer = "GBR", sector = "food" }
add = 0.05
from = 2028
because = "safeguard"

[[published]]
economy = "NOR"
measure = "real_gdp_pct"
value = 1.0
study = "A study"
source = "moea-2015"
note = { en = "invented", zh-Hant = "虛構" }
"""

#: Draws of the shared assessments: the eight published sets, no more.
FEW = 8


def agreement_table() -> dict[str, Any]:
    """The agreement as a table of one's own, to spoil."""
    return tomllib.loads(AGREEMENT)


def scenario_table() -> dict[str, Any]:
    """The scenario as a table of one's own, to spoil."""
    return tomllib.loads(SCENARIO)


def write_case(folder: Path, *, scenario: str = SCENARIO, agreement: str = AGREEMENT, name: str = "small") -> str:
    """The case as two files in ``folder``; the path of its scenario."""
    (folder / "can-nor.toml").write_text(agreement, "utf-8")
    (folder / f"{name}.toml").write_text(scenario, "utf-8")
    return str(folder / f"{name}.toml")


CASES = library()


@cache
def assessed(case: str) -> Assessment:
    """A case of the library, assessed once."""
    return assess(open_case(case), draws=FEW)


@cache
def answered(case: str) -> dict[str, Any]:
    """Its JSON object."""
    return answer(assessed(case))
