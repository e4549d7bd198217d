"""A Document as one HTML file: no outside request, readable without scripts, light and dark, screen and paper."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from tradewinds.core.errors import InputError
from tradewinds.core.language import say
from tradewinds.report.charts import theme
from tradewinds.report.document import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Listing,
    Note,
    Sources,
    Table,
    Text,
    Verbatim,
)
from tradewinds.report.numbers import (
    NO_VALUE,
    Written,
    clean,
    clean_lines,
    columns_of,
    figure_range,
    header,
    interval,
    is_number,
    is_signed,
    scale,
    verdict,
    write_cell,
    write_number,
)

STILL_LIMIT = 60_000  # bytes of a chart's JSON up to which a still picture is drawn for readers without scripts
STILL_WIDTH = 660
SHARED_FROM = 4_000  # bytes from which a named dataset is written once for all charts
LONG_TEXT = 24  # columns from which a text column asks for a wider cell


def render_html(document: Document) -> str:
    """``document`` as the text of one HTML file.

    Everything shown is escaped; a policy in the file itself forbids any request and any script but its own two. Raises
    an InputError when a chart asks for data or pictures from outside.
    """
    page = _Page(document.language, _anchors(document))
    body = "\n".join(page.block(index, block) for index, block in enumerate(document.blocks))
    scripts = page.scripts()
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{_text(document.language)}">',
            _head(document, scripts),
            "<body>",
            f'<a class="skip" href="#content">{page.say("skip")}</a>',
            _masthead(document),
            *_contents(document, page),
            f'<main id="content">\n{body}\n</main>',
            *_footer(document, page),
            *page.data(),
            *(f"<script>{script}</script>" for script in scripts),
            "</body>",
            "</html>\n",
        ]
    )


def _text(text: str) -> str:
    return escape(clean(text), quote=True)


def _json(value: Any) -> str:
    """JSON that cannot end its script element nor start a comment in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _head(document: Document, scripts: Sequence[str]) -> str:
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(document.title)}</title>\n<style>\n{_asset('page.css')}</style>\n</head>"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _masthead(document: Document) -> str:
    subtitle = f'\n<p class="subtitle">{_text(document.subtitle)}</p>' if document.subtitle else ""
    return f"<header>\n<h1>{_text(document.title)}</h1>{subtitle}\n</header>"


def _anchors(document: Document) -> Mapping[int, str]:
    """Block index → id: a table's name where it has one, else the block's place."""
    taken: set[str] = {"content", "chart-data", "chart-themes"}
    anchors = {}
    for index, block in enumerate(document.blocks):
        name = block.name if isinstance(block, Table) else ""
        safe = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))
        anchors[index] = safe if safe and safe not in taken else f"part-{index + 1}"
        taken.add(anchors[index])
    return anchors


def _contents(document: Document, page: _Page) -> Iterator[str]:
    sections = [(i, b) for i, b in enumerate(document.blocks) if isinstance(b, Heading) and b.level == 1]
    if len(sections) >= 3:
        items = "".join(f'<li><a href="#{page.anchors[i]}">{_text(b.text)}</a></li>' for i, b in sections)
        yield f'<nav aria-label="{page.say("contents")}"><ol>{items}</ol></nav>'


def _footer(document: Document, page: _Page) -> Iterator[str]:
    if document.stamp:
        pairs = "".join(f"<dt>{_text(key)}</dt><dd>{_text(text)}</dd>" for key, text in document.stamp.items())
        yield f"<footer>\n<h2>{page.say('stamp')}</h2>\n<dl>{pairs}</dl>\n</footer>"


@dataclass(slots=True)
class _Page:
    """What the blocks of one page share: the language, their ids, and the charts met so far."""

    language: str
    anchors: Mapping[int, str]
    charts: list[str] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)

    def say(self, key: str) -> str:
        return _text(say(f"render.{key}", self.language))

    def block(self, index: int, block: Block) -> str:
        anchor = self.anchors[index]
        match block:
            case Heading(text, level):
                tag = "h2" if level == 1 else "h3"
                return f'<{tag} id="{anchor}">{_text(text)}</{tag}>'
            case Text(text):
                return f"<p>{_text(text)}</p>"
            case Verbatim(text):
                return f'<pre class="verbatim" tabindex="0">{escape(clean_lines(text))}</pre>'
            case Figures(figures):
                return _figures(figures, self)
            case Table():
                return _table(block, anchor, self)
            case Chart():
                return self.chart(block, anchor)
            case Note(text, kind):
                both = self.labelled(f"<strong>{self.say(f'note.{kind}')}</strong>", _text(text))
                return f'<p class="note {kind}" role="note">{both}</p>'
            case Listing(items):
                return f"<ul>{''.join(f'<li>{self.item(*item)}</li>' for item in items)}</ul>"
            case Sources(sources):
                cited = "".join(
                    f"<li>{_text(s.text)}{self.about(('licence', s.licence), ('vintage', s.vintage))}</li>"
                    for s in sources
                )
                return f'<h2 id="{anchor}">{self.say("sources")}</h2>\n<ol class="sources">{cited}</ol>'

    def labelled(self, label: str, text: str) -> str:
        """Two pieces of HTML joined as the language joins a label to its text."""
        return say("render.labelled", self.language, label=label, text=text)

    def item(self, term: str, explanation: str) -> str:
        strong = f"<strong>{_text(term)}</strong>"
        return self.labelled(strong, _text(explanation)) if term and explanation else _text(explanation) or strong

    def about(self, *pairs: tuple[str, str]) -> str:
        said = [self.labelled(self.say(key), _text(text)) for key, text in pairs if text]
        return f" <small>· {' · '.join(said)}</small>" if said else ""

    def chart(self, chart: Chart, anchor: str) -> str:
        refuse_outside(chart)
        spec = dict(chart.spec)
        whole = _json(spec)
        names = self.share(spec)
        text = _json(spec)
        self.charts.append(f'<script type="application/json" id="{anchor}-spec">{text}</script>')
        still = _still(whole) if len(whole) <= STILL_LIMIT else ""
        words = f"<p>{self.say('chart_unavailable')} {_text(chart.alt)}</p>"
        note = f'\n<p class="remark-below">{_text(chart.note)}</p>' if chart.note else ""
        return (
            f'<figure id="{anchor}" aria-label="{_text(chart.alt)}">\n'
            f"<figcaption>{_text(chart.title)}</figcaption>\n"
            f'<div class="chart" role="img" aria-label="{_text(chart.alt)}" data-spec="{anchor}-spec" '
            f'data-shared="{_text(" ".join(names))}"></div>\n<div class="paper-only" aria-hidden="true"></div>\n'
            f'<noscript><div class="still">{still or words}</div></noscript>{note}\n</figure>'
        )

    def share(self, spec: dict[str, Any]) -> list[str]:
        """Move the large datasets of ``spec`` to the page, where charts of the same data read them; their names."""
        kept = dict(spec.get("datasets", {}))
        moved = []
        for name, rows in list(kept.items()):
            large = name in self.shared or len(json.dumps(rows)) >= SHARED_FROM
            if large and " " not in name and self.shared.setdefault(name, rows) == rows:
                moved.append(name)
                del kept[name]
        if moved:
            spec["datasets"] = kept
        return moved

    def data(self) -> list[str]:
        if not self.charts:
            return []
        themes = {"light": theme("light"), "dark": theme("dark")}
        return [
            *self.charts,
            f'<script type="application/json" id="chart-data">{_json(self.shared)}</script>',
            f'<script type="application/json" id="chart-themes">{_json(themes)}</script>',
        ]

    def scripts(self) -> list[str]:
        return [vega_bundle(), _asset("charts.js")] if self.charts else []


# Headline figures -------------------------------------------------------------------------------------------------


def _figures(figures: tuple[Figure, ...], page: _Page) -> str:
    items = "".join(_figure(figure, scale(figure), page) for figure in figures)
    ranged = any(figure_range(figure) for figure in figures)
    key = f'\n<p class="key">{page.say("range")} {page.say("bar")}</p>' if ranged else ""
    return f'<dl class="figures" aria-label="{page.say("headline")}">{items}</dl>{key}'


def _figure(figure: Figure, axis: tuple[float, float], page: _Page) -> str:
    meaning = verdict(figure)
    lines = []
    if is_number(figure.value):
        number = write_number(figure.value, figure.decimals, signed=is_signed(figure))
        close = " close" if figure.unit == "%" else ""
        unit = (
            f'<span class="unit{close}">{"" if close else "&nbsp;"}{_text(figure.unit)}</span>' if figure.unit else ""
        )
        sense = f'<span class="sense">{page.say(meaning)}</span>' if meaning != "none" else ""
        lines.append(f'<dd class="value {meaning}">{number}{unit}{sense}</dd>')
    else:
        lines.append(f'<dd class="value reason">{_text(figure.reason) or NO_VALUE}</dd>')
    if span := figure_range(figure):
        lines.append(f'<dd class="span">{span}</dd>')
    if bar := interval_svg(figure, axis):
        lines.append(f"<dd>{bar}</dd>")
    if figure.note:
        lines.append(f'<dd class="remark">{_text(figure.note)}</dd>')
    return f"<div><dt>{_text(figure.label)}</dt>{''.join(lines)}</div>"


def interval_svg(figure: Figure, axis: tuple[float, float]) -> str:
    """The range as a line, the value a dot on it, zero a tick, on ``axis`` from low to high.

    Hidden from screen readers, which read the same numbers in text. Empty when there is no range.
    """
    ends = interval(figure)
    lowest, highest = axis
    if ends is None or highest <= lowest:
        return ""
    low, value, high, zero = (f"{100 * (v - lowest) / (highest - lowest):.2f}%" for v in (*ends, 0.0))
    return (
        f'<svg class="interval {verdict(figure)}" aria-hidden="true" focusable="false">'
        f'<line class="zero" x1="{zero}" x2="{zero}" y1="1" y2="17"/>'
        f'<line x1="{low}" x2="{high}" y1="9" y2="9" stroke="currentColor" stroke-width="2.5"/>'
        f'<circle cx="{value}" cy="9" r="5" fill="currentColor"/></svg>'
    )


# Tables -----------------------------------------------------------------------------------------------------------


def _table(table: Table, anchor: str, page: _Page) -> str:
    heads = "".join(f'<th scope="col"{_class(column)}>{_text(header(column))}</th>' for column in table.columns)
    spans = {
        column.key: max((len(write_cell(table, column, row).span) for row in table.rows), default=0)
        for column in table.columns
    }
    rows = "\n".join(_row(table, row, spans, page) for row in table.rows)
    if not rows:
        rows = f'<tr><td colspan="{max(len(table.columns), 1)}">{page.say("no_rows")}</td></tr>'
    note = f'\n<p class="remark-below">{_text(table.note)}</p>' if table.note else ""
    return (
        f'<div class="scroll" id="{anchor}" role="region" aria-labelledby="{anchor}-title" tabindex="0">\n'
        f'<table>\n<caption id="{anchor}-title">{_text(table.title)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>{note}"
    )


def _class(column: Column) -> str:
    return ' class="number"' if column.kind == "number" else ""


def _row(table: Table, row: Mapping[str, Cell], spans: Mapping[str, int], page: _Page) -> str:
    cells = []
    for place, column in enumerate(table.columns):
        written = _cell(write_cell(table, column, row), spans[column.key], page)
        if place == 0:
            cells.append(f'<th scope="row"{_class(column)}>{written}</th>')
        else:
            long = column.kind == "text" and columns_of(str(row.get(column.key) or "")) >= LONG_TEXT
            cells.append(f"<td{' class=' + chr(34) + 'long' + chr(34) if long else _class(column)}>{written}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _cell(written: Written, span: int, page: _Page) -> str:
    """A cell's HTML; ``span`` is the width in characters its column keeps for ranges, so that the values align."""
    kept = f' <span class="span" style="width:{span}ch">{_text(written.span)}</span>' if span else ""
    if written.value == NO_VALUE:
        unseen = f'<span class="unseen">{page.say("no_value")}</span>'
        return f'<span aria-hidden="true">{NO_VALUE}</span>{unseen}{kept}'
    return _text(written.value) + kept


# Charts -----------------------------------------------------------------------------------------------------------


def refuse_outside(chart: Chart) -> None:
    """Raise an InputError when the specification names data, pictures or links to be fetched."""
    for where, key in _keys(chart.spec, "spec"):
        if key in ("url", "href"):
            raise InputError(
                f"`{key}`",
                where=f"chart {chart.title}, {where}",
                allowed="a chart holds its own data",
                hint="put the rows in `data.values`",
            )


def _keys(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield where, key
            if key not in ("values", "datasets"):
                yield from _keys(inner, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from _keys(inner, f"{where}[{place}]")


def _still(text: str) -> str:
    """The chart as a still SVG for readers without scripts, in the light colours on a light ground."""
    import vl_convert

    spec = json.loads(text)
    spec["width"] = STILL_WIDTH
    config = {**theme("light"), "background": "#fbfaf8"}
    svg: str = vl_convert.vegalite_to_svg(spec, config=config, allowed_base_urls=[])
    return svg


@cache
def _asset(name: str) -> str:
    return files("tradewinds.report").joinpath("page", name).read_text("utf-8")


@cache
def vega_bundle() -> str:
    """The JavaScript of Vega, Vega-Lite and Vega-Embed, about 0.9 MB; kept in the user's cache folder between runs.

    Assembling it takes about a second, reading it back a few milliseconds. A cache that cannot be read or written is
    passed over.
    """
    from importlib.metadata import version

    import vl_convert

    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradewinds"
    return _kept(
        folder / f"vega-{version('vl-convert-python')}.js",
        lambda: str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")),
    )


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The text at ``path`` when its last line is its own digest, else ``make()``, which is then kept there."""
    try:
        text, _, digest = path.read_text("utf-8").rpartition("\n//")
        if text and digest == _digest(text):
            return text
    except (OSError, UnicodeDecodeError):
        pass
    text = make()
    if "</script" in text.lower() or "<!--" in text:
        text = text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_text(f"{text}\n//{_digest(text)}", "utf-8")
        part.replace(path)
    except OSError:
        pass
    return text
