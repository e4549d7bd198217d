"""Charts as Vega-Lite specifications without a colour in them: `theme` gives the colours, one set light and one dark.

Every builder returns a `Chart` whose spec is as wide as its container and holds its own data. Positive values take the
theme's first colour (blue), negative ones its second (orange), and the sign is always written as well.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from tradewinds.core.errors import InputError, refuse
from tradewinds.core.language import say
from tradewinds.report.document import Cell, Chart
from tradewinds.report.numbers import columns_of, is_number, with_unit, write_number, write_range

Row = Mapping[str, Cell]
Theme = Literal["light", "dark"]

FONTS = (
    'system-ui, -apple-system, "Segoe UI", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", '
    "sans-serif"
)
LINES_HEIGHT = 280
LABEL_GAP = 15
MAP_ASPECT = 2.1
_PLAIN_ZERO = "datum.value === 0 ? '0' : datum.label"
SMALL_SHAPE = 1.5e-4  # steradians, about 6,000 km²: smaller shapes are drawn as a dot too

_CATEGORY: Mapping[Theme, tuple[str, ...]] = {
    "light": ("#0b5cad", "#b45309", "#0f766e", "#7c3aed", "#a3246b", "#475569", "#5c6b00", "#7a4a2b"),
    "dark": ("#6cb2f5", "#f5a55a", "#4fd1c0", "#c4a5fb", "#f08bc0", "#a8b3c2", "#c9c45a", "#d6ab8e"),
}
_DIVERGING: Mapping[Theme, tuple[str, ...]] = {
    "light": ("#8a3b04", "#cf6f1a", "#f0b27a", "#f3efe8", "#8fbbe6", "#3178bd", "#0a4480"),
    "dark": ("#ffb268", "#cf7a2c", "#7d5230", "#33383f", "#35618c", "#4a93d6", "#8ac6ff"),
}


class Deferred(Mapping[str, Any]):
    """A specification that is made when it is first read: a terminal never reads one."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    def _spec(self) -> dict[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._spec()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec())

    def __len__(self) -> int:
        return len(self._spec())


def theme(name: Theme) -> dict[str, Any]:
    """The Vega-Lite config of the ``light`` or ``dark`` page: fonts, grid and every colour a chart uses."""
    light = name == "light"
    ink, soft, grid = ("#1c2126", "#545c66", "#e3e1dc") if light else ("#e8e6e1", "#a9b0b8", "#33383f")
    empty, border = ("#bfbcb5", "#ffffff") if light else ("#62676f", "#15181c")
    return {
        "background": "transparent",
        "font": FONTS,
        "aria": False,
        "view": {"stroke": None},
        "range": {
            "category": list(_CATEGORY[name]),
            "diverging": list(_DIVERGING[name]),
        },
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "gridColor": grid,
        },
        "axisY": {"labelLimit": 220},
        "legend": {
            "labelColor": soft,
            "titleColor": soft,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "text": {"color": ink, "fontSize": 12},
        "style": {
            "zero": {"color": soft, "strokeWidth": 1},
            "value": {"color": ink, "fontSize": 12},
            "land": {"color": empty, "stroke": border, "strokeWidth": 0.4},
            "shape": {"stroke": border, "strokeWidth": 0.4},
            "party": {"color": ink, "strokeWidth": 1.8},
        },
    }


def bar_ranges(
    title: str,
    rows: Sequence[Row],
    *,
    label: str,
    value: str,
    low: str | None = None,
    high: str | None = None,
    unit: str,
    alt: str,
    decimals: int = 2,
    signed: bool = True,
    order: Literal["value", "given"] = "value",
    note: str = "",
    language: str = "en",
) -> Chart:
    """One row a label: a dot with its range as a rule, or a bar from zero where there are no ranges.

    ``label``, ``value``, ``low`` and ``high`` are keys of ``rows``; numbers are in ``unit``, with a plus where
    ``signed``. Largest value first unless ``order`` is "given". A row without a value is left out of the marks and
    written as a dash. Raises an InputError when a key is missing from a row.
    """
    _require(rows, [label, value, *([low, high] if low and high else [])], title)
    placed = sorted(rows, key=lambda row: -_number(row[value])) if order == "value" else list(rows)
    bars = tuple((str(row[label]), float(row[value])) for row in placed if is_number(row[value]))  # type: ignore[arg-type]

    def spec() -> dict[str, Any]:
        import altair as alt_

        ranged = low is not None and high is not None
        data = [_bar_row(row, (label, value, low, high), unit, decimals, signed) for row in placed]
        words = [datum["written"] for datum in data]
        room = 14 + round(7.4 * max((columns_of(text) for text in words), default=0))
        tooltip = [
            alt_.Tooltip("label:N", title=say("render.economy", language) if label == "region" else title),
            alt_.Tooltip("written:N", title=say("render.value", language)),
            *([alt_.Tooltip("span:N", title=say("render.range_short", language))] if ranged else []),
        ]
        y = alt_.Y("label:N", sort=None, title=None)
        scale = alt_.Scale(nice=False, zero=True, range=[0, {"expr": f"width - {room}"}])
        x = alt_.X(
            "value:Q",
            title=unit or None,
            scale=scale,
            axis=alt_.Axis(tickCount=5, format=_tick_format(decimals, signed), labelExpr=_PLAIN_ZERO),
        )
        colour = alt_.Color("sign:N", scale=alt_.Scale(domain=["plus", "minus"], range="category"), legend=None)
        base = alt_.Chart(alt_.Data(name="rows")).encode(y=y, tooltip=tooltip)
        drawn = base.transform_filter("isValid(datum.value)")
        layers = [
            alt_.Chart(alt_.Data(name="origin")).mark_rule(style="zero").encode(x=alt_.datum(0, type="quantitative"))
        ]
        if ranged:
            layers.append(drawn.mark_rule(strokeWidth=2).encode(x=alt_.X("low:Q"), x2="high:Q", color=colour))
            layers.append(drawn.mark_circle(size=70, opacity=1).encode(x=x, color=colour))
        else:
            layers.append(drawn.mark_bar(height={"band": 0.62}).encode(x=x, color=colour))
        layers.append(base.mark_text(style="value", align="right").encode(x=alt_.value("width"), text="written:N"))
        chart = alt_.layer(*layers).properties(width="container", height=alt_.Step(26))
        return _spec(chart, rows=data, origin=[{}])

    return Chart(title, Deferred(spec), alt, note=note, terminal=bars, unit=unit)


def lines_by_year(
    title: str,
    rows: Sequence[Row],
    *,
    year: str,
    value: str,
    series: str,
    low: str | None = None,
    high: str | None = None,
    unit: str,
    alt: str,
    decimals: int = 2,
    signed: bool = True,
    note: str = "",
    language: str = "en",
) -> Chart:
    """One line a series over the years, named at its end, with its range as a band where ``low`` and ``high`` are keys.

    ``year``, ``value`` and ``series`` are keys of ``rows``; years are whole numbers, numbers are in ``unit``. The
    terminal shows the last year. Raises an InputError when a key is missing from a row.
    """
    _require(rows, [year, value, series, *([low, high] if low and high else [])], title)
    data = [_line_row(row, year, series, (value, low, high), unit, decimals, signed) for row in rows]
    drawn = [datum for datum in data if datum["value"] is not None]
    domain = _domain([d[key] for d in drawn for key in ("value", "low", "high") if d[key] is not None])
    ends = _end_labels(drawn, domain)
    last = tuple((f"{end['series']} {end['year']}", end["value"]) for end in ends)

    def spec() -> dict[str, Any]:
        import altair as alt_

        banded = low is not None and high is not None
        names = list(dict.fromkeys(datum["series"] for datum in data))
        room = min(150, 18 + round(7.2 * max((columns_of(name) for name in names), default=0)))
        x = alt_.X(
            "year:Q",
            title=None,
            scale=alt_.Scale(nice=False, zero=False, range=[0, {"expr": f"width - {room}"}]),
            axis=alt_.Axis(format="d", grid=False, tickMinStep=1, tickCount={"expr": "max(2, width / 90)"}),
        )
        y_scale = alt_.Scale(domain=list(domain), nice=False, zero=False)
        y = alt_.Y(
            "value:Q",
            title=unit or None,
            scale=y_scale,
            axis=alt_.Axis(tickCount=5, format=_tick_format(decimals, signed), labelExpr=_PLAIN_ZERO),
        )
        colour = alt_.Color("series:N", scale=alt_.Scale(domain=names, range="category"), legend=None)
        tooltip = [
            alt_.Tooltip("series:N", title=say("render.series", language)),
            alt_.Tooltip("year:Q", title=say("render.year", language), format="d"),
            alt_.Tooltip("written:N", title=say("render.value", language)),
            *([alt_.Tooltip("span:N", title=say("render.range_short", language))] if banded else []),
        ]
        base = alt_.Chart(alt_.Data(name="rows")).encode(x=x, color=colour)
        layers = [
            alt_.Chart(alt_.Data(name="origin")).mark_rule(style="zero").encode(y=alt_.datum(0, type="quantitative"))
        ]
        if banded:
            layers.append(base.mark_area(opacity=0.14).encode(y=alt_.Y("low:Q", scale=y_scale), y2="high:Q"))
        layers.append(base.mark_line(strokeWidth=2).encode(y=y))
        layers.append(base.mark_circle(size=36, opacity=1).encode(y=y, tooltip=tooltip))
        layers.append(
            alt_.Chart(alt_.Data(name="ends"))
            .mark_text(align="left", dx=8, limit=room - 10)
            .encode(x=x, y=alt_.Y("place:Q", scale=y_scale), text="series:N", color=colour)
        )
        chart = alt_.layer(*layers).properties(width="container", height=LINES_HEIGHT)
        return _spec(chart, rows=drawn, ends=ends, origin=[{}])

    return Chart(title, Deferred(spec), alt, note=note, terminal=last, unit=unit)


def world_map(
    title: str,
    values: Mapping[str, float],
    *,
    unit: str,
    alt: str,
    names: Mapping[str, str],
    parties: Sequence[str],
    decimals: int = 2,
    note: str = "",
    language: str = "en",
) -> Chart:
    """Economies coloured by ``values`` (ISO 3166 alpha-3 → number in ``unit``), the ``parties`` outlined.

    The colour scale is symmetric about zero; a code without a value is grey. Territories too small to see carry a dot
    as well. ``names`` is the reader's word for each code; a code without one shows itself. The key and the
    disputed-borders note (`map.borders`) are always added to ``note``. Codes the map has no shape for are not drawn:
    `unmapped` lists them.
    """
    bars = tuple((names.get(code, code), float(values[code])) for code in parties if is_number(values.get(code)))

    def spec() -> dict[str, Any]:
        import altair as alt_

        codes = sorted({*shapes(), *values})
        data = [_map_row(code, values.get(code), names, parties, unit, decimals, language) for code in codes]
        largest = max((abs(v) for v in values.values() if math.isfinite(v)), default=0.0) or 1.0
        lookup = alt_.LookupData(data=alt_.Data(name="rows"), key="id", fields=["name", "value", "written", "party"])
        tooltip = [
            alt_.Tooltip("name:N", title=say("render.economy", language)),
            alt_.Tooltip("written:N", title=say("render.value", language)),
        ]
        ticks = [-largest, 0, largest]
        colour = alt_.Color(
            "value:Q",
            scale=alt_.Scale(domain=[-largest, largest], domainMid=0, range="diverging", interpolate="lab"),
            legend=alt_.Legend(
                title=unit or None,
                orient="bottom",
                direction="horizontal",
                gradientLength=220,
                gradientThickness=10,
                values=ticks,
                format=_tick_format(max(decimals, bar_places(largest))),
                labelExpr=_PLAIN_ZERO,
            ),
        )
        world = alt_.Data(name="world", format=alt_.DataFormat(type="topojson", feature="countries"))
        land = alt_.Chart(world).transform_lookup(lookup="id", from_=lookup)
        valued = land.transform_filter("isValid(datum.value)")
        small = land.transform_filter(f"geoArea(null, datum) < {SMALL_SHAPE} && (isValid(datum.value) || datum.party)")
        small = small.transform_calculate(at="geoCentroid(null, datum)", lon="datum.at[0]", lat="datum.at[1]")
        dots = small.transform_filter("isValid(datum.value)").encode(longitude="lon:Q", latitude="lat:Q")
        layers = [
            land.mark_geoshape(style="land").encode(tooltip=tooltip),
            valued.mark_geoshape(style="shape").encode(color=colour, tooltip=tooltip),
            land.transform_filter("datum.party").mark_geoshape(style="party", filled=False),
            land.transform_filter("datum.party").mark_geoshape(style="land", strokeWidth=0).encode(tooltip=tooltip),
            valued.transform_filter("datum.party").mark_geoshape(strokeWidth=0).encode(color=colour, tooltip=tooltip),
            dots.mark_circle(size=34, opacity=1, style="shape").encode(color=colour, tooltip=tooltip),
            small.transform_filter("datum.party")
            .mark_point(size=44, filled=False, style="party")
            .encode(longitude="lon:Q", latitude="lat:Q"),
        ]
        chart = alt_.layer(*layers).project(type="equalEarth").properties(width="container", height=380)
        drawn = _spec(chart, rows=data, world=_world())
        drawn["usermeta"] = {"aspect": MAP_ASPECT}
        return drawn

    return Chart(
        title,
        Deferred(spec),
        alt,
        note=_join(note, say("render.map_key", language), say("map.borders", language)),
        terminal=bars,
        unit=unit,
    )


def shapes() -> frozenset[str]:
    """The alpha-3 codes the map has a shape for."""
    return frozenset(shape["id"] for shape in _world()["objects"]["countries"]["geometries"] if "id" in shape)


def unmapped(codes: Sequence[str]) -> tuple[str, ...]:
    """Those of ``codes`` the map cannot draw (groups of economies, a rest of the world)."""
    known = shapes()
    return tuple(code for code in codes if code not in known)


def bar_places(largest: float) -> int:
    """Decimals that tell half of ``largest`` from zero, at most 6."""
    return 0 if largest >= 10 or largest <= 0 else min(6, max(0, 1 - math.floor(math.log10(largest / 2))))


@cache
def _world() -> dict[str, Any]:
    text = files("tradewinds.report").joinpath("map", "world.topo.json").read_text("utf-8")
    topology: dict[str, Any] = json.loads(text)
    return topology


def _spec(chart: Any, **datasets: Any) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    spec.pop("config", None)
    return {**spec, "datasets": datasets}


def _require(rows: Sequence[Row], keys: Sequence[str], title: str) -> None:
    missing = sorted({key for row in rows for key in keys if key not in row})
    refuse(
        [
            InputError(f"row without `{key}`", where=f"chart {title}", allowed="every row has it, None if unknown")
            for key in missing
        ],
        where=f"chart {title}",
    )


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, (int, float)) and not math.isnan(value) else -math.inf


def _finite(value: Cell) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _measured(
    row: Row, keys: tuple[str, str | None, str | None], unit: str, decimals: int, signed: bool
) -> dict[str, Any]:
    """The numbers of a row under its (value, low, high) keys, and the words a reader is shown for them."""
    value, low, high = (_finite(row[key]) if key else None for key in keys)
    return {
        "value": value,
        "low": low,
        "high": high,
        "written": with_unit(write_number(value, decimals, signed=signed), unit if unit == "%" else ""),
        "span": write_range(low, high, decimals, signed=signed),
    }


def _bar_row(
    row: Row, keys: tuple[str, str, str | None, str | None], unit: str, decimals: int, signed: bool
) -> dict[str, Any]:
    measured = _measured(row, (keys[1], keys[2], keys[3]), unit, decimals, signed)
    sign = "minus" if (measured["value"] or 0.0) < 0 else "plus"
    return {"label": str(row[keys[0]]), "sign": sign, **measured}


def _line_row(
    row: Row,
    year: str,
    series: str,
    keys: tuple[str, str | None, str | None],
    unit: str,
    decimals: int,
    signed: bool,
) -> dict[str, Any]:
    measured = _measured(row, keys, unit, decimals, signed)
    return {"year": int(float(str(row[year]))), "series": str(row[series]), **measured}


def _map_row(
    code: str,
    value: float | None,
    names: Mapping[str, str],
    parties: Sequence[str],
    unit: str,
    decimals: int,
    language: str,
) -> dict[str, Any]:
    number = _finite(value)
    written = with_unit(write_number(number, decimals, signed=True), unit)
    return {
        "id": code,
        "name": names.get(code, code),
        "value": number,
        "written": written if number is not None else say("render.no_data", language),
        "party": code in parties,
    }


def _domain(values: Sequence[float]) -> tuple[float, float]:
    """The vertical axis: zero within, a little air above and below."""
    lowest, highest = min([0.0, *values]), max([0.0, *values])
    air = 0.06 * ((highest - lowest) or 1.0)
    return (lowest - air if lowest < 0 else -air / 2, highest + air)


def _end_labels(data: Sequence[Mapping[str, Any]], domain: tuple[float, float]) -> list[dict[str, Any]]:
    """The last point of each series with the height (``place``) of its name, moved apart where names would touch."""
    last: dict[str, Mapping[str, Any]] = {}
    for datum in data:
        if datum["series"] not in last or datum["year"] >= last[datum["series"]]["year"]:
            last[datum["series"]] = datum
    gap = LABEL_GAP * (domain[1] - domain[0]) / LINES_HEIGHT
    ends: list[dict[str, Any]] = []
    for datum in sorted(last.values(), key=lambda d: float(d["value"])):
        place = datum["value"] if not ends else max(datum["value"], ends[-1]["place"] + gap)
        ends.append({"series": datum["series"], "year": datum["year"], "value": datum["value"], "place": place})
    over = ends[-1]["place"] - domain[1] if ends else 0.0
    for end in reversed(ends):
        if over <= 0:
            break
        end["place"], over = end["place"] - over, 0.0
    for upper, lower in zip(reversed(ends), list(reversed(ends))[1:], strict=False):
        lower["place"] = min(lower["place"], upper["place"] - gap)
    return ends[::-1]


def _tick_format(decimals: int, signed: bool = True) -> str:
    return f"{'+' if signed else ''},.{decimals}{'~' if decimals else ''}f"


def _join(*sentences: str) -> str:
    said = [sentence for sentence in sentences if sentence]
    return (" " if said[0].isascii() else "").join(said)
