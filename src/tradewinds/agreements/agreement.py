"""`Agreement`: parties, dates, schedules and staging as they stand in a file; unknown keys are refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tradewinds.agreements.staging import BASKETS, Band, Staging, early_harvest
from tradewinds.core.errors import InputError, LabelError, refuse, unknown_label
from tradewinds.core.files import read_toml
from tradewinds.core.language import LANGUAGES
from tradewinds.core.schema import faults_of


def _in_each_language(text: Any) -> Any:
    """Text in one language stands for all; a language that is left out takes the first that is there."""
    if isinstance(text, str):
        return dict.fromkeys(LANGUAGES, text)
    if isinstance(text, dict) and text:
        strange = sorted(set(text) - set(LANGUAGES))
        if strange:
            raise ValueError(f"language `{strange[0]}` is not one of {', '.join(LANGUAGES)}")
        first = next(text[each] for each in LANGUAGES if each in text)
        return {each: text.get(each, first) for each in LANGUAGES}
    return text


#: Text in each language: ``{en = "…", "zh-Hant" = "…"}``, or plain text for all.
Words = Annotated[dict[str, str], BeforeValidator(_in_each_language), Field(min_length=1)]
Economy = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Chapters = Annotated[str, Field(pattern=r"^\d{2}(-\d{2})?$")]


class Strict(BaseModel):
    """Refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BandRow(Strict):
    """Base rates above ``over`` up to ``upto`` take ``steps`` year by year; fractions."""

    over: float = Field(ge=0)
    upto: float
    steps: list[Annotated[float, Field(ge=0)]] = Field(min_length=1)


class StagingTable(Strict):
    """A staging class of the agreement's own."""

    kind: Literal["equal", "bands", "excluded"] = "equal"
    years: int = Field(default=1, ge=1, le=50)
    bands: list[BandRow] = []

    @model_validator(mode="after")
    def _bands_where_needed(self) -> StagingTable:
        if (self.kind == "bands") != bool(self.bands):
            raise ValueError('`bands` belong to kind = "bands", and to no other')
        if any(band.upto <= band.over for band in self.bands):
            raise ValueError("a band goes from `over` up to a higher `upto`")
        return self


class Goods(Strict):
    """One row of a schedule: what ``grantor`` gives ``beneficiary`` on some goods.

    Goods are named by sector of the world, by HS chapter, or both left out for all goods. ``share`` is the part of
    those goods the row covers (by lines); chapters translate to sectors by their number of six-digit lines.
    """

    grantor: Economy
    beneficiary: list[Economy] = Field(min_length=1)
    sectors: list[str] = []
    chapters: list[Chapters] = []
    share: Fraction = 1.0
    basket: str
    because: str


class Withdrawal(Strict):
    """Preferences of ``grantor`` for ``beneficiary`` end: the duty rises to the one on a partner without preference."""

    grantor: Economy
    beneficiary: list[Economy] = Field(min_length=1)
    mfn_from: Economy
    because: str


class Utilisation(Strict):
    """Share of eligible trade that claims the preference."""

    value: Fraction
    because: str


class Agreement(Strict):
    """An agreement, or a suspension of one, as a file says it."""

    schema_: Literal["agreement/1"] = Field(alias="schema")
    id: str
    title: Words
    status: Literal["in_force", "signed", "proposed", "hypothetical", "withdrawn"]
    kind: Literal["free_trade", "partial"] = "free_trade"
    parties: list[Economy] = Field(min_length=2)
    in_force: dt.date
    mapped_by: str
    not_modelled: list[Words] = []
    goods: list[Goods] = []
    withdraw: list[Withdrawal] = []
    staging: dict[str, StagingTable] = {}
    utilisation: Utilisation | None = None

    def class_of(self, basket: str) -> Staging:
        """The staging class called ``basket``: the file's own, one of R14's five, or the early harvest."""
        if basket in self.staging:
            row = self.staging[basket]
            bands = tuple(Band(b.over, b.upto, tuple(b.steps)) for b in row.bands)
            return Staging(basket, row.kind, row.years, bands)
        if basket in BASKETS:
            return BASKETS[basket]
        if basket in ("EH-mainland", "EH-taiwan"):
            return early_harvest("mainland" if basket == "EH-mainland" else "taiwan")
        known = [*self.staging, *BASKETS, "EH-mainland", "EH-taiwan"]
        raise unknown_label(basket, known, where=f"{self.id}: basket", kind="basket")

    def last_step(self) -> int:
        """The calendar year in which the last rate moves."""
        steps = [self.class_of(row.basket).complete for row in self.goods] or [1]
        return self.in_force.year + max(steps) - 1


def parse_agreement(table: Mapping[str, Any], *, where: str) -> Agreement:
    """Check a table against the schema; every fault at once."""
    try:
        agreement = Agreement.model_validate(table)
    except ValidationError as error:
        refuse(faults_of(error, Agreement, where=where), where=where)
        raise AssertionError from error
    faults: list[InputError] = []
    for row in agreement.goods:
        try:
            agreement.class_of(row.basket)
        except LabelError as error:
            faults.append(error)
    for rows in (agreement.goods, agreement.withdraw):
        for given in rows:
            for party in (given.grantor, *given.beneficiary):
                if party not in agreement.parties:
                    faults.append(unknown_label(party, agreement.parties, where=where, kind="party"))
    refuse(faults, where=where)
    return agreement


def read_agreement(path: Path) -> Agreement:
    """Read ``agreement.toml``."""
    return parse_agreement(read_toml(path), where=str(path))


def library() -> tuple[str, ...]:
    """Ids of the agreements in the package."""
    room = files("tradewinds.agreements").joinpath("library")
    return tuple(sorted(f.name.removesuffix(".toml") for f in room.iterdir() if f.name.endswith(".toml")))


def open_agreement(name: str, folder: Path | None = None) -> Agreement:
    """An agreement by id: from the case's own folder first, then from the package."""
    if folder is not None and (folder / f"{name}.toml").is_file():
        agreement = read_agreement(folder / f"{name}.toml")
        if agreement.id != name:
            raise InputError(
                f"id `{agreement.id}`", where=f"{folder / name}.toml", allowed=f"the file's name, `{name}`"
            )
        return agreement
    if name not in library():
        raise unknown_label(name, library(), where="agreements", kind="agreement")
    return read_agreement(Path(str(files("tradewinds.agreements").joinpath("library", f"{name}.toml"))))
