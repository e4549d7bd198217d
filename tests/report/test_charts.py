from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import vl_convert

import tradewinds.report
from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.report.charts import bar_ranges, lines_by_year, shapes, theme, unmapped, world_map
from tradewinds.report.document import Chart

ROWS = [
    {"n": "挪威", "w": -0.11, "lo": -0.2, "hi": -0.05},
    {"n": "臺灣", "w": 0.61, "lo": 0.4, "hi": 0.83},
    {"n": "新加坡", "w": None, "lo": None, "hi": None},
]
YEARS = [
    {"y": y, "v": (y - 2027) * k, "s": s} for s, k in (("A", 1.0), ("B", 1.001), ("C", -0.5)) for y in (2027, 2031)
]


def bars(**options: object) -> Chart:
    given = {"label": "n", "value": "w", "low": "lo", "high": "hi", "unit": "%", "alt": "a", **options}
    return bar_ranges("Gains", ROWS, **given)  # type: ignore[arg-type]


def paths(year_rows: list[dict[str, object]] = YEARS, **options: object) -> Chart:
    given = {"year": "y", "value": "v", "series": "s", "unit": "%", "alt": "a", **options}
    return lines_by_year("Path", year_rows, **given)  # type: ignore[arg-type]


def world(**options: object) -> Chart:
    given = {"unit": "%", "alt": "a", "names": {"TWN": "臺灣", "NOR": "挪威"}, "parties": ["TWN", "SGP"], **options}
    return world_map("World", {"TWN": 0.6, "NOR": -0.2}, **given)  # type: ignore[arg-type]


def svg(chart: Chart, name: str = "light") -> str:
    spec = {**chart.spec, "width": 600}
    return vl_convert.vegalite_to_svg(json.dumps(spec), config=theme(name), allowed_base_urls=[])  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [bars, paths, world])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_specs_compile_with_their_own_data_and_no_colour(make: object, language: str) -> None:
    chart = make(language=language)  # type: ignore[operator]
    drawn = json.dumps({k: v for k, v in chart.spec.items() if k != "datasets"})
    assert '"url"' not in drawn
    assert "#" not in drawn.replace("vega.github.io", "")
    assert chart.spec["width"] == "container"
    assert "config" not in chart.spec
    assert svg(chart).startswith("<svg")


def test_bars_are_sorted_coloured_by_sign_and_written_with_sign() -> None:
    chart = bars()
    assert chart.terminal == (("臺灣", 0.61), ("挪威", -0.11))
    light, dark = svg(chart), svg(chart, "dark")
    assert light.index("臺灣") < light.index("挪威") < light.index("新加坡")
    assert "+0.61%" in light
    assert "−0.11%" in light
    for name, drawn in (("light", light), ("dark", dark)):
        blue, orange = theme(name)["range"]["category"][:2]  # type: ignore[arg-type]
        assert blue in drawn
        assert orange in drawn
    assert "+" not in json.dumps(dict(bars(signed=False).spec))
    assert bars(order="given").terminal[0] == ("挪威", -0.11)


def test_a_row_without_a_key_is_refused() -> None:
    with pytest.raises(InputError, match="row without `w2`"):
        bars(value="w2")


def test_line_labels_do_not_touch() -> None:
    chart = paths()
    places = sorted(end["place"] for end in chart.spec["datasets"]["ends"])
    gaps = [upper - lower for lower, upper in pairwise(places)]
    axis = 4.004 * 1.06 + 2 * 1.06
    assert min(gaps) > 0.9 * 15 / 280 * axis
    assert chart.terminal[-1] == ("C 2031", -2.0)


def test_map_scale_is_symmetric_and_parties_and_gaps_are_marked() -> None:
    chart = world()
    text = json.dumps(chart.spec["layer"])
    assert '"domain": [-0.6, 0.6]' in text
    by_code = {row["id"]: row for row in chart.spec["datasets"]["rows"]}
    assert by_code["TWN"] == {"id": "TWN", "name": "臺灣", "value": 0.6, "written": "+0.60%", "party": True}
    assert by_code["SGP"]["written"] == "no data"
    assert by_code["SGP"]["party"] is True
    assert say("map.borders", "en") in chart.note
    assert chart.terminal == (("臺灣", 0.6),)


def test_map_has_the_small_territories_and_no_antarctica() -> None:
    small = {"SGP", "HKG", "MAC", "MLT", "BHR", "TWN", "LUX", "CYP", "BRN", "LIE", "XKX"}
    assert small <= shapes()
    assert "ATA" not in shapes()
    assert unmapped(["TWN", "ROW", "EUN"]) == ("ROW", "EUN")
    file = Path(tradewinds.report.__file__).parent / "map" / "world.topo.json"
    assert file.stat().st_size < 250_000


def test_themes_give_readable_text() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name, paper in (("light", "#fbfaf8"), ("dark", "#15181c")):
        config = theme(name)  # type: ignore[arg-type]
        for colour in [*config["range"]["category"], config["axis"]["labelColor"], config["text"]["color"]]:
            high, low = sorted((luminance(colour), luminance(paper)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, colour)
