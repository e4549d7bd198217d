"""What a file of staging categories may say; unknown keys are refused. See `categories/` for the files."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tradewinds.agreements.staging.classes import Kind

Rate = Annotated[float, Field(ge=0)]
Line = Annotated[str, Field(pattern=r"^\d{2,12}[A-Z]?$")]


class Strict(BaseModel):
    """Refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BandRow(Strict):
    """Base rates above ``over`` up to ``upto`` take ``steps`` year by year."""

    over: Rate
    upto: Rate
    steps: list[Rate] = Field(min_length=1)


class DatedStep(Strict):
    """From a day on: a rate, a ceiling, or the share of the base (or reference) that remains."""

    start: dt.date = Field(alias="from")
    value: Rate


class LineTable(Strict):
    """Rates of years 1, 2, … for some lines of a category; ``base`` is the base rate the text prints beside them."""

    lines: list[Line] = Field(min_length=1)
    base: Rate | None = None
    steps: list[Rate] = Field(min_length=1)


class Delay(Strict):
    """Every cut comes ``years`` later when the agreement enters into force in ``entry_year``."""

    entry_year: int
    years: int = Field(ge=1)


class CategoryRow(Strict):
    """One staging category as the text defines it, with the paragraph that does."""

    code: str = Field(min_length=1)
    kind: Kind
    years: int = Field(default=1, ge=1, le=60)
    hold: int = Field(default=0, ge=0, le=60)
    depth: float = Field(default=1.0, ge=0, le=1)
    steps: list[Rate] = []
    step: list[DatedStep] = []
    table: list[LineTable] = []
    bands: list[BandRow] = []
    unit: str = ""
    component: Literal["all", "ad_valorem"] = "all"
    reference: str = ""
    in_quota: str = ""
    out_of_quota: str = ""
    delay: list[Delay] = []
    because: str
    note: str = ""

    @model_validator(mode="after")
    def _one_way_to_state_steps(self) -> CategoryRow:
        stepped = self.kind in ("shares", "stepwise", "ceiling", "margin")
        stated = sum(map(bool, (self.steps, self.step, self.table)))
        if stated != int(stepped):
            raise ValueError(f"{stated} of `steps`, `step` and `table`; kind `{self.kind}` takes {int(stepped)}")
        if (self.kind == "margin") != bool(self.reference):
            raise ValueError("`reference` names the rate a margin is measured from, and belongs to no other kind")
        if (self.kind == "bands") != bool(self.bands):
            raise ValueError('`bands` belong to kind = "bands", and to no other')
        if (self.kind == "quota") != bool(self.in_quota and self.out_of_quota):
            raise ValueError('`in_quota` and `out_of_quota` belong to kind = "quota", and to no other')
        paths = [
            self.steps,
            [s.value for s in self.step],
            *(t.steps for t in self.table),
            *(b.steps for b in self.bands),
        ]
        if any(later > earlier for path in paths for earlier, later in pairwise(path)):
            raise ValueError("a step raises the duty")
        days = [s.start for s in self.step]
        if days != sorted(set(days)):
            raise ValueError("dated steps out of order")
        return self


class CalendarRow(Strict):
    """When the years start."""

    kind: Literal["fixed_date", "anniversary"] = "fixed_date"
    month: int = Field(default=1, ge=1, le=12)
    day: int = Field(default=1, ge=1, le=31)
    first_cut: dt.date | None = None
    because: str


class RoundingRow(Strict):
    """How interim rates are rounded."""

    how: Literal["exact", "down", "nearest"]
    step: float = Field(default=0.001, gt=0)
    money_step: float = Field(default=0.001, gt=0)
    because: str


class QuotaRow(Strict):
    """A quota; ``in_quota`` and ``out_of_quota`` are categories of the same file."""

    name: str
    lines: list[Line] = Field(min_length=1)
    unit: str
    quantities: list[Annotated[float, Field(ge=0)]] = Field(min_length=1)
    growth: float = Field(default=0.0, gt=-1)
    in_quota: str
    out_of_quota: str
    pro_rata: bool = False
    because: str


class SuspensionRow(Strict):
    """Lines that lose the preference from a day on; ``products`` in the words of the notice."""

    start: dt.date = Field(alias="from")
    end: dt.date | None = None
    count: int = Field(ge=1)
    lines: list[Line] = []
    whole: bool = False
    products: list[str] = []
    under_agreement: bool = True
    because: str
    note: str = ""

    @model_validator(mode="after")
    def _as_many_lines_as_counted(self) -> SuspensionRow:
        if self.lines and len(self.lines) != self.count:
            raise ValueError(f"{len(self.lines)} lines where the notice counts {self.count}")
        return self


class RuleRow(Strict):
    """A rule of the text that bears on rates and is not a category."""

    name: Literal["lower_of_mfn", "lower_of_other_agreement", "cap_at_prior", "standstill", "snap_back", "acceleration"]
    through: int | None = None
    says: str
    because: str


class RemarkRow(Strict):
    """Something a reader must know of some lines: a contradiction, a doubt, what is not modelled."""

    lines: list[Line] = []
    says: str


class CategoryFile(Strict):
    """A file of staging categories: one grantor under one text."""

    schema_: Literal["categories/1"] = Field(alias="schema")
    id: str
    title: str
    importer: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    exporter: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    nomenclature: str = ""
    text: str
    read_from: Literal["legal text", "official schedule", "summary"]
    in_force: dt.date
    mapped_by: str
    calendar: CalendarRow
    rounding: RoundingRow
    category: list[CategoryRow] = Field(min_length=1)
    quota: list[QuotaRow] = []
    suspension: list[SuspensionRow] = []
    rule: list[RuleRow] = []
    remark: list[RemarkRow] = []
