"""The brief: what an agreement would do, to whom, when, and how sure we are. Answer first, detail after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewinds.core import names
from tradewinds.core.assumptions import assumptions
from tradewinds.core.language import say
from tradewinds.core.sources import source
from tradewinds.report.answer import answer, economies
from tradewinds.report.charts import bar_ranges, lines_by_year, unmapped, world_map
from tradewinds.report.document import (
    Block,
    Cell,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Listing,
    Note,
    Source,
    Sources,
    Table,
    Text,
)  # fmt: skip
from tradewinds.scenarios.run import Assessment

#: Columns of the table of parties and rivals, with decimals.
MAIN = (
    "real_gdp_pct", "welfare_exact_pct", "exports_pct", "imports_pct", "output_pct", "investment_pct", "employment_pct",
)  # fmt: skip
#: Changes of welfare below this (per cent) are not told as gains or losses: they round to nothing.
SMALL = 0.0005
#: Sectors shown up and down.
SHOWN = 5


def brief(assessment: Assessment, language: str = "en") -> Document:
    """The document of the main job in ``language``; its ``data`` is the JSON object."""
    data = answer(assessment, language)
    writer = _Writer(assessment, data, language)
    return Document(
        title=data["title"],
        subtitle=data["question"],
        language=language,
        blocks=tuple(writer.blocks()),
        stamp=data["stamp"],
        data=data,
    )


class _Writer:
    """Writes the sections of one brief; each method is a section."""

    def __init__(self, assessment: Assessment, data: Mapping[str, Any], language: str) -> None:
        self.assessment, self.data, self.language = assessment, data, language
        self.scenario = assessment.case.scenario
        self.me = self.scenario.me
        self.codes = economies(assessment)
        self.last = self.scenario.years[-1]

    def say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def economy(self, code: str) -> str:
        return names.economy(code, self.language)

    def sector(self, code: str) -> str:
        return names.sector(code, self.language)

    def blocks(self) -> list[Block]:
        out: list[Block] = [self.headline(), *self.reading()]
        for section in (
            self.parties, self.others, self.sectors, self.path, self.sensitivity, self.welfare, self.compared, self.law,
            self.ground,
        ):  # fmt: skip
            out += section()
        return out

    def headline(self) -> Figures:
        mine = self.data["parties"][self.me]
        made = []
        for field, decimals in (
            ("welfare_exact_pct", 3),
            ("equivalent_variation_musd", 0),
            ("real_gdp_pct", 3),
            ("exports_pct", 2),
        ):
            value = mine[field]
            made.append(
                Figure(
                    label=self.say(f"field.{field}"),
                    value=value["value"],
                    low=value["low"],
                    high=value["high"],
                    unit="%" if field.endswith("_pct") else self.say("unit.musd"),
                    decimals=decimals,
                    note=self.say("brief.figure_note", economy=self.economy(self.me), year=self.last),
                )
            )
        return Figures(tuple(made))

    def reading(self) -> list[Block]:
        out: list[Block] = [Text(self.verdict()), Text(self.data["benchmark"]), Text(self.data["sign"])]
        if "long_run" in self.data["closures"]:
            mine = self.data["closures"]["long_run"][self.me]
            out.insert(
                1,
                Text(
                    self.say(
                        "brief.long_run",
                        economy=self.economy(self.me),
                        gdp=_range(mine["real_gdp_pct"]),
                        investment=_range(mine["investment_pct"]),
                        employment=_range(mine["employment_pct"]),
                    )
                ),
            )
        return out

    def verdict(self) -> str:
        mine = self.data["parties"][self.me]["welfare_exact_pct"]
        if not self.assessment.change.because and abs(mine["value"]) < SMALL:
            return self.say("brief.verdict_none", year=self.last)
        sure = "mixed" if mine["low"] < 0 < mine["high"] else "gain" if mine["value"] > 0 else "loss"
        others = {c: self.data["parties"][c]["welfare_exact_pct"] for c in self.codes if c != self.me}
        return self.say(
            f"brief.verdict_{sure}",
            economy=self.economy(self.me),
            value=_range(mine, 3),
            winners=self.join([c for c, v in others.items() if v["low"] > 0 and v["value"] > SMALL]),
            losers=self.join([c for c, v in others.items() if v["high"] < 0 and v["value"] < -SMALL]),
        )

    def join(self, codes: Sequence[str]) -> str:
        return self.say("brief.comma").join(self.economy(c) for c in codes) or self.say("brief.nobody")

    def parties(self) -> list[Block]:
        out: list[Block] = [
            Heading(self.say("brief.parties")),
            self.table("parties", self.say("brief.parties_title", year=self.last), self.data["parties"]),
        ]
        if "long_run" in self.data["closures"]:
            title = self.say("brief.long_run_title", year=self.last)
            out.append(self.table("long-run", title, self.data["closures"]["long_run"]))
        money = [
            {
                "economy": self.economy(c),
                **self.cells(self.data["parties"][c], ("equivalent_variation_musd", "tariff_revenue_change_musd")),
            }
            for c in self.codes
        ]
        out.append(
            Table(
                self.say("brief.money_title", year=self.last),
                (
                    Column("economy", self.say("column.economy")),
                    *(
                        Column(f, self.say(f"field.{f}"), "number", self.say("unit.musd"), 0, True)
                        for f in ("equivalent_variation_musd", "tariff_revenue_change_musd")
                    ),
                ),
                tuple(money),
                self.say("brief.money_note"),
                {f: (f"{f}_low", f"{f}_high") for f in ("equivalent_variation_musd", "tariff_revenue_change_musd")},
                "money",
            )
        )
        if len(self.data["variants"]) > 1:
            out.append(self.variants())
        return out

    def cells(self, row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for f in fields:
            value = row[f]
            out[f] = None if value is None else value["value"]
            out[f"{f}_low"] = None if value is None else value["low"]
            out[f"{f}_high"] = None if value is None else value["high"]
        return out

    def table(self, name: str, title: str, rows: Mapping[str, Any], fields: Sequence[str] = MAIN) -> Table:
        reasons = dict.fromkeys(
            f"{self.say(f'field.{f}')}: {why}"
            for code in self.codes
            for f, why in rows[code]["reasons"].items()
            if f in fields
        )
        return Table(
            title,
            (
                Column("economy", self.say("column.economy")),
                *(Column(f, self.say(f"field.{f}"), "number", "%", 3, True) for f in fields),
            ),
            tuple({"economy": self.economy(c), **self.cells(rows[c], fields)} for c in self.codes),
            " ".join([self.say("brief.range_note"), *reasons]),
            {f: (f"{f}_low", f"{f}_high") for f in fields},
            name,
        )

    def variants(self) -> Table:
        titles = {v.id: v.title[self.language] for v in self.scenario.variant}
        return Table(
            self.say("brief.variants_title", year=self.last),
            (
                Column("economy", self.say("column.economy")),
                *(Column(v, titles[v], "number", "%", 3, True) for v in self.data["variants"]),
            ),
            tuple(
                {
                    "economy": self.economy(c),
                    **{v: row[c]["welfare_exact_pct"] for v, row in self.data["variants"].items()},
                }
                for c in self.codes
            ),
            self.say("brief.variants_note"),
            name="variants",
        )

    def others(self) -> list[Block]:
        values = {c: row["welfare_exact_pct"]["value"] for c, row in self.data["economies"].items()}
        known = {c: v for c, v in values.items() if c not in unmapped(list(values))}
        order = sorted(values, key=lambda c: values[c])
        alt = self.say(
            "brief.map_alt",
            best=self.join(list(reversed(order[-3:]))),
            worst=self.join(order[:3]),
        )
        rows = [
            {"region": self.economy(c), **_flat(self.data["parties"][c]["equivalent_variation_musd"])}
            for c in self.codes
        ]
        out: list[Block] = [
            Heading(self.say("brief.others")),
            world_map(
                self.say("brief.map_title", year=self.last),
                known,
                unit="%",
                alt=alt,
                names={c: self.economy(c) for c in known},
                parties=self.scenario.parties,
                decimals=3,
                language=self.language,
            ),
            bar_ranges(
                self.say("brief.ev_title", year=self.last),
                rows,
                label="region",
                value="value",
                low="low",
                high="high",
                unit=self.say("unit.musd"),
                alt=self.say("brief.ev_alt"),
                decimals=0,
                language=self.language,
            ),
        ]
        for importer, suppliers in self.data["markets"].items():
            out.append(self.market(importer, suppliers))
        return out

    def market(self, importer: str, suppliers: Sequence[Mapping[str, Any]]) -> Table:
        number = [
            ("share_before_pct", 2, False),
            ("share_after_pct", 2, False),
            ("duty_before_pct", 2, False),
            ("duty_after_pct", 2, False),
        ]
        return Table(
            self.say("brief.market_title", economy=self.economy(importer), year=self.last),
            (
                Column("supplier", self.say("column.supplier")),
                *(Column(f, self.say(f"market.{f}"), "number", "%", d, s) for f, d, s in number),
                Column(
                    "exports_change_musd",
                    self.say("market.exports_change_musd"),
                    "number",
                    self.say("unit.musd"),
                    0,
                    True,
                ),
            ),
            tuple({**row, "supplier": self.economy(row["supplier"])} for row in suppliers),
            self.say("brief.market_note"),
            name=f"market-{importer.lower()}",
        )

    def sectors(self) -> list[Block]:
        out: list[Block] = [Heading(self.say("brief.sectors"))]
        for code in dict.fromkeys((self.me, *self.scenario.parties)):
            rows = self.data["sectors"][code]
            size = self.weights(code)
            moved = sorted((s for s in rows if size[s] > 0), key=lambda s: rows[s]["output_pct"] * size[s])
            shown = dict.fromkeys([*reversed(moved[-SHOWN:]), *moved[:SHOWN]])
            out.append(
                Table(
                    self.say("brief.sectors_title", economy=self.economy(code), year=self.last),
                    (
                        Column("sector", self.say("column.sector")),
                        *(
                            Column(f, self.say(f"sector.{f}"), "number", "%", 2, True)
                            for f in ("output_pct", "exports_pct", "imports_pct")
                        ),
                        Column("change", self.say("sector.change_musd"), "number", self.say("unit.musd"), 0, True),
                    ),
                    tuple(
                        {"sector": self.sector(s), **rows[s], "change": rows[s]["output_pct"] / 100 * size[s]}
                        for s in shown
                    ),
                    self.say("brief.sectors_note"),
                    name=f"sectors-{code.lower()}",
                )
            )
        return out

    def weights(self, code: str) -> dict[str, float]:
        world = self.assessment.world
        output = world.values("trade_fob")[world.regions.index(code)].sum(axis=0)
        return dict(zip(world.sectors, map(float, output), strict=True))

    def path(self) -> list[Block]:
        if len(self.data["path"]) < 2:
            return []
        rows = [
            {"year": int(year), "region": self.economy(c), **_flat(by[c]["welfare_exact_pct"])}
            for year, by in self.data["path"].items()
            for c in dict.fromkeys((self.me, *self.scenario.parties))
        ]
        table = Table(
            self.say("brief.path_title"),
            (
                Column("year", self.say("column.year")),
                *(Column(c, self.economy(c), "number", "%", 3, True) for c in self.codes),
            ),
            tuple(
                {"year": year, **{c: by[c]["welfare_exact_pct"]["value"] for c in self.codes}}
                for year, by in self.data["path"].items()
            ),
            self.say("brief.path_note"),
            name="path",
        )
        chart = lines_by_year(
            self.say("brief.path_chart"),
            rows,
            year="year",
            value="value",
            series="region",
            low="low",
            high="high",
            unit="%",
            alt=self.say("brief.path_alt", first=min(self.scenario.years), last=self.last),
            decimals=3,
            language=self.language,
        )
        return [Heading(self.say("brief.path")), chart, table]

    def sensitivity(self) -> list[Block]:
        out: list[Block] = [Heading(self.say("brief.sensitivity"))]
        mine = {name: by[self.me] for name, by in self.data["closures"].items()}
        fields = ("real_gdp_pct", "welfare_exact_pct", "exports_pct", "investment_pct", "employment_pct")
        rows = tuple({"closure": self.say(f"closure.{n}"), **self.cells(row, fields)} for n, row in mine.items())
        out.append(
            Table(
                self.say("brief.closures_title", economy=self.economy(self.me), year=self.last),
                (
                    Column("closure", self.say("column.closure")),
                    *(Column(f, self.say(f"field.{f}"), "number", "%", 3, True) for f in fields),
                ),
                rows,
                self.say("brief.closures_note"),
                {f: (f"{f}_low", f"{f}_high") for f in fields},
                "closures",
            )
        )
        for name, by in self.data["jobs"].items():
            for code, row in by.items():
                out.append(
                    Text(
                        self.say(
                            "brief.jobs",
                            closure=self.say(f"closure.{name}"),
                            economy=self.economy(code),
                            value=f"{row['value']:+,.0f}".replace("-", "−"),
                            low=f"{row['low']:+,.0f}".replace("-", "−"),
                            high=f"{row['high']:+,.0f}".replace("-", "−"),
                            base=f"{row['base_persons']:,.0f}",
                            year=row["base_year"],
                        )
                    )
                )
        sets = self.data["sensitivity"]
        if sets:
            codes = list(dict.fromkeys((self.me, *self.scenario.parties)))
            out.append(
                Table(
                    self.say("brief.sets_title", year=self.last),
                    (
                        Column("set", self.say("column.set")),
                        *(Column(c, self.economy(c), "number", "%", 3, True) for c in codes),
                    ),
                    tuple({"set": n, **{c: by[c]["welfare_exact_pct"] for c in codes}} for n, by in sets.items()),
                    self.say("brief.sets_note"),
                    name="elasticities",
                )
            )
        flips = [
            self.economy(c)
            for c in self.codes
            if (r := self.data["parties"][c]["welfare_exact_pct"])["low"] < 0 < r["high"]
        ]
        counts = self.data["draws"]
        out.append(Note(self.say("brief.fewer", elsewhere=counts["elsewhere"], draws=counts["count"]), "method"))
        key = "brief.flips" if flips else "brief.no_flips"
        draws = self.data["draws"]
        out.append(
            Text(
                self.say(
                    key, economies=self.say("brief.comma").join(flips), draws=draws["count"], failed=draws["failed"]
                )
            )
        )
        return out

    def welfare(self) -> list[Block]:
        parts = self.data["decomposition"]
        out: list[Block] = [Heading(self.say("brief.welfare"))]
        rows: list[dict[str, Cell]] = []
        for c in self.codes:
            row = self.data["parties"][c]
            first = row["welfare_first_order_pct"]
            split = parts.get(c, {})
            rows.append(
                {
                    "economy": self.economy(c),
                    "exact": row["welfare_exact_pct"]["value"],
                    "first": None if first is None else first["value"],
                    "terms": split.get("terms_of_trade_pct"),
                    "volume": split.get("volume_pct"),
                    "gap": split.get("gap_pct"),
                    "income": row["real_income_pct"]["value"],
                    "wage": row["real_wage_pct"]["value"],
                    **{m: by[c]["welfare_exact_pct"] for m, by in self.data["models"].items()},
                }
            )
        keys = ("exact", "first", "terms", "volume", "gap", "income", "wage", *self.data["models"])
        out.append(
            Table(
                self.say("brief.welfare_title", year=self.last),
                (
                    Column("economy", self.say("column.economy")),
                    *(Column(k, self.say(f"welfare.{k}"), "number", "%", 3, True) for k in keys),
                ),
                tuple(rows),
                self.say("brief.welfare_note", steps=parts.get("steps", 0)),
                name="welfare",
            )
        )
        mine = parts.get(self.me)
        if mine:
            out.append(
                Text(
                    self.say(
                        "brief.welfare_where",
                        economy=self.economy(self.me),
                        partners=self.parts(mine["by_partner_pct"], self.economy),
                        sectors=self.parts(mine["by_sector_pct"], self.sector),
                    )
                )
            )
        return out

    def parts(self, values: Mapping[str, float], name: Any) -> str:
        return self.say("brief.comma").join(
            f"{name(k)} {v:+.3f}".replace("-", "−") for k, v in list(values.items())[:4]
        )

    def compared(self) -> list[Block]:
        rows = self.data["published"]
        reasons = self.scenario.comparison.reasons
        if not rows and not reasons:
            return []
        out: list[Block] = [Heading(self.say("brief.compared"))]
        if rows:
            names_ = list(rows[0]["ours"])
            out.append(
                Table(
                    self.say("brief.compared_title"),
                    (
                        Column("economy", self.say("column.economy")),
                        Column("measure", self.say("column.measure")),
                        Column("published", self.say("column.published"), "number", "%", 2, True),
                        *(Column(n, self.say(f"closure.{n}"), "number", "%", 2, True) for n in names_),
                        Column("study", self.say("column.study")),
                        Column("note", self.say("column.note")),
                    ),
                    tuple(
                        {
                            "economy": self.economy(r["economy"]),
                            "measure": self.say(f"field.{r['measure']}"),
                            "published": r["published"],
                            **{n: None if v is None else v["value"] for n, v in r["ours"].items()},
                            "study": r["study"],
                            "note": r["note"],
                        }
                        for r in rows
                    ),
                    self.say("brief.compared_note"),
                    name="published",
                )
            )
        if reasons:
            out += [Text(self.say("brief.why")), Listing(tuple(("", r[self.language]) for r in reasons))]
        return out

    def law(self) -> list[Block]:
        change, world = self.assessment.change, self.assessment.world
        pairs = []
        for row in change.because:
            where = row.where
            if len(where.get("exporter", ())) == 1 and len(where.get("importer", ())) == 1:
                pairs.append((where["exporter"][0], where["importer"][0]))
        pairs = list(dict.fromkeys(pairs))[:8]
        if not pairs:
            return []
        rows: list[dict[str, Cell]] = []
        for exporter, importer in pairs:
            i, n = world.regions.index(exporter), world.regions.index(importer)
            weight = world.values("trade_fob")[i, n]
            goods = [k for k, s in enumerate(world.sectors) if s not in set(world.attributes.get("services", ()))]
            weight = weight[goods] / max(weight[goods].sum(), 1e-12)
            old, new = world.values("tariff_rate")[i, n][goods], change.now(world, "tariff_new")[i, n][goods]
            rows.append(
                {
                    "importer": self.economy(importer),
                    "exporter": self.economy(exporter),
                    "before": 100 * float(weight @ old),
                    "after": 100 * float(weight @ new),
                    "simple_before": 100 * float(old.mean()),
                    "simple_after": 100 * float(new.mean()),
                }
            )
        keys = ("before", "after", "simple_before", "simple_after")
        out: list[Block] = [
            Heading(self.say("brief.law")),
            Table(
                self.say("brief.law_title", year=self.last),
                (
                    Column("importer", self.say("column.importer")),
                    Column("exporter", self.say("column.exporter")),
                    *(Column(k, self.say(f"law.{k}"), "number", "%", 2) for k in keys),
                ),
                tuple(rows),
                self.say("brief.law_note"),
                name="duties",
            ),
        ]
        gone = [
            words[self.language]
            for name in self.assessment.case.variant(self.scenario.headline).agreements
            for words in self.assessment.case.agreements[name].not_modelled
        ]
        if gone:
            out += [Text(self.say("brief.not_modelled")), Listing(tuple(("", g) for g in gone))]
        return out

    def ground(self) -> list[Block]:
        out: list[Block] = [Heading(self.say("brief.ground"))]
        out += [Note(c[self.language], "caution") for c in self.scenario.cautions]
        out.append(Note(self.say("brief.method"), "method"))
        listed = []
        for text in self.data["assumptions"]:
            row = assumptions()[text.split(" = ")[0]]
            says = self.say(f"assumption.{row.id}") if self.language != "en" else row.says
            value = "" if row.unit == "none" else f" ({text.partition(' = ')[2] or f'{row.value:g}'})"
            listed.append((text.split(" = ")[0], f"{says}{value}"))
        out += [Heading(self.say("brief.assumptions"), 2), Listing(tuple(listed))]
        if self.data["adjustments"]:
            out += [
                Heading(self.say("brief.adjustments"), 2),
                Text(self.say("brief.adjustments_note")),
                Listing(tuple(("", a) for a in self.data["adjustments"])),
            ]
        out += [
            Sources(
                tuple(Source(f"{row.cite}", row.licence, row.vintage) for row in map(source, self.data["sources"]))
            ),
        ]
        return out


def _flat(value: Mapping[str, float] | None) -> dict[str, float | None]:
    return {"value": None, "low": None, "high": None} if value is None else dict(value)


def _range(value: Mapping[str, float] | None, decimals: int = 2) -> str:
    if value is None:
        return "–"
    return "{value:+.{d}f} [{low:+.{d}f}, {high:+.{d}f}] %".format(d=decimals, **value).replace("-", "−")
