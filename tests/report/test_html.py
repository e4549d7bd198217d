from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.report.charts import world_map
from tradewinds.report.document import Chart, Document, Figure, Figures
from tradewinds.report.html import _kept, interval_svg, render_html

sys.path.insert(0, str(Path(__file__).parent))
from sample import HOSTILE, document

VOID = {"meta", "line", "circle", "br", "path", "rect", "use", "stop"}


class Page(HTMLParser):
    """Tags with their attributes, the text of each script, and what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.tags.append((tag, found))
        if tag == "script":
            self.scripts.append((found, ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attrs, before = self.scripts[-1]
            self.scripts[-1] = (attrs, before + data)
        elif not self.open or self.open[-1] != "style":
            self.text += data


@pytest.fixture(scope="module")
def text() -> str:
    return render_html(document())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_tags_balance(page: Page) -> None:
    assert page.open == []


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_every_block_is_shown_in_the_language(language: str) -> None:
    page = Page(render_html(document(language)))
    assert ("html", {"lang": language}) in page.tags
    wanted = [
        "標題",
        "A subtitle",
        "Real income 實質所得",
        "First section",
        "A paragraph",
        "Smaller",
        "Who gains",
        "A gap.",
    ]
    wanted += ["Chart of gains", "Note of the chart.", "A caution.", "explanation", "alone", "CC BY 4.0", "0.1.0"]
    for words in [*wanted, say("render.sources", language), say("render.skip", language)]:
        assert words in page.text


def test_numbers_carry_sign_unit_and_range(page: Page) -> None:
    for words in ["+0.61%", "[+0.40, +0.83]", "+41,200\xa0jobs", "−0.11", "[−0.20, −0.05]", "1,234,567", "either sign"]:
        assert words in page.text
    assert "no votes on file" in page.text
    assert page.text.count("–no value") == 3


def test_text_is_inert(text: str, page: Page) -> None:
    assert HOSTILE not in text
    assert "\x1b" not in text
    assert HOSTILE in page.text
    assert [attrs for attrs, _ in page.scripts if not attrs] == [{}, {}]
    assert len(page.scripts) == 5


def test_only_the_two_scripts_of_the_page_may_run(page: Page) -> None:
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    code = [body for attrs, body in page.scripts if attrs.get("type") != "application/json"]
    assert allowed == [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in code]
    assert policy.startswith("default-src 'none';")
    assert "unsafe-eval" not in policy


def test_nothing_is_fetched(text: str, page: Page) -> None:
    for _, attrs in page.tags:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert attrs.get(name, "#").startswith("#")
        assert not re.search(r"url\((?!#|'#|\"#)", attrs.get("style", ""))
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert "@import" not in styles
    assert "url(" not in styles
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "img", "object", "embed", "base"}
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    addresses = set(re.findall(r"https?://[^\s\"'<>\\)]+", outside))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} | {
        a for a in addresses if a.startswith("https://vega.github.io/schema/")
    }


def test_chart_json_is_readable_and_holds_its_data(page: Page) -> None:
    specs = [json.loads(body) for attrs, body in page.scripts if attrs.get("id", "").endswith("-spec")]
    assert len(specs) == 1
    assert '"url"' not in json.dumps(specs)
    assert HOSTILE in json.dumps(specs[0], ensure_ascii=False).replace('\\"', '"')
    themes = next(json.loads(body) for attrs, body in page.scripts if attrs.get("id") == "chart-themes")
    assert set(themes) == {"light", "dark"}


def test_table_and_figure_are_labelled(page: Page) -> None:
    heads = [attrs for tag, attrs in page.tags if tag == "th"]
    assert [attrs["scope"] for attrs in heads] == ["col"] * 4 + ["row"] * 3
    assert "caption" in {tag for tag, _ in page.tags}
    figure = next(attrs for tag, attrs in page.tags if tag == "figure")
    assert figure["aria-label"] == "Chinese Taipei gains."
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"header", "main", "footer"} <= {tag for tag, _ in page.tags}


def test_a_page_without_charts_runs_no_script() -> None:
    text = render_html(Document("t", "", "en", (Figures((Figure("x", 1.0, "%"),)),)))
    assert "<script" not in text
    assert "script-src 'none'" in text


@pytest.mark.parametrize(
    "spec",
    [
        {"data": {"url": "https://example.org/a.csv"}, "mark": "bar"},
        {"layer": [{"transform": [{"lookup": "id", "from": {"data": {"url": "x.json"}, "key": "id"}}]}]},
        {"data": {"values": []}, "mark": "image", "encoding": {"url": {"value": "https://example.org/a.png"}}},
        {"data": {"values": []}, "mark": {"type": "bar", "href": "https://example.org"}},
    ],
)
def test_a_chart_that_loads_from_outside_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(InputError, match="holds its own data"):
        render_html(Document("t", "", "en", (Chart("c", spec, "alt"),)))


def test_two_maps_share_one_copy_of_the_shapes() -> None:
    chart = world_map("m", {"NOR": 1.0}, unit="%", alt="a", names={}, parties=["NOR"])
    one = render_html(Document("t", "", "en", (chart,)))
    two = render_html(Document("t", "", "en", (chart, dataclasses.replace(chart, title="n"))))
    assert len(two) - len(one) < 60_000
    assert say("map.borders", "en") in one


def test_interval_is_drawn_to_scale() -> None:
    svg = interval_svg(Figure("x", 2.0, "%", 1.0, 4.0), (0.0, 4.0))
    assert 'x1="25.00%" x2="100.00%"' in svg
    assert 'cx="50.00%"' in svg
    assert 'class="zero" x1="0.00%"' in svg
    assert interval_svg(Figure("x", 2.0, "%"), (0.0, 4.0)) == ""


def test_a_kept_bundle_that_was_altered_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "bundle.js"
    assert _kept(path, lambda: "one();") == "one();"
    assert _kept(path, lambda: "two();") == "one();"
    path.write_text(path.read_text("utf-8").replace("one", "bad"), "utf-8")
    assert _kept(path, lambda: "two();") == "two();"
    assert [p.name for p in path.parent.iterdir()] == ["bundle.js"]
