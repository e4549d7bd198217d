"""Write the pages of the docs that are read off the package; with ``--check`` say which of them are stale.

    python tools/reference.py            write
    python tools/reference.py --check    exit code 1 when a page differs from what would be written
    python tools/reference.py --headlines   print the tables of headline figures for CHANGELOG.md (half a minute)

Pages: sources, assumptions, glossary (from the tables in ``core/``), reference/cli (from the list of verbs and their
signatures) and reference/schemas (from the models that check agreement and scenario files). The command reference is
made from signatures, not from the printed help, whose drawing depends on the version of the library that draws it.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tradewinds.agreements import agreement as law
from tradewinds.cli.main import build_app
from tradewinds.core.assumptions import assumptions
from tradewinds.core.grades import GRADES
from tradewinds.core.sources import sources
from tradewinds.core.variables import variables
from tradewinds.scenarios import scenario as plan
from tradewinds.verbs import VERBS

DOCS = Path(__file__).resolve().parents[1] / "docs"
HEAD = "<!-- Written by `python tools/reference.py`; do not edit by hand. -->\n\n"


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines) + "\n"


def sources_page() -> str:
    """Every source of data."""
    rows = [
        (f"`{s.id}`", s.title, s.publisher, s.licence, s.vintage, "yes" if s.redistribute else "no", s.cite)
        for s in sources().values()
    ]
    columns = ("id", "what", "publisher", "licence", "vintage", "shipped", "cite as")
    return (
        "# Sources of data\n\n"
        "From `src/tradewinds/core/registry.toml`. *Shipped* says whether what is derived from a source may be passed "
        "on with the package. `tradewinds cite CASE` prints the sources of one case; `tradewinds data show WORLD` says "
        "which variable of a world comes from which source, and with what grade.\n\n"
        f"Grades, from best to worst: {', '.join(GRADES)}.\n\n" + table(columns, rows)
    )


def assumptions_page() -> str:
    """Every numbered assumption."""
    parts = [
        "# Numbered assumptions\n\n"
        "From `src/tradewinds/core/assumptions.toml`. Every answer lists the assumptions it leaned on. Change one in a "
        "scenario by its key:\n\n"
        "```toml\n[assume]\nlabour_supply = 0.3\n```\n"
    ]
    for a in assumptions().values():
        value = "" if a.unit == "none" else f" = {a.value:g} ({a.unit})"
        parts.append(f"\n## {a.id}: `{a.key}`{value}\n\n{a.says}\n\n*Why:* {a.source} *Grade:* {a.grade}.\n")
    return "".join(parts)


def glossary_page() -> str:
    """Every variable."""
    roles = {
        "benchmark": ("What a World holds", "Observed or computed before anything changes."),
        "change": ("What a Change may hold", "Absent means unchanged."),
        "result": ("What a Result holds", "A hat is new over base: 1.02 is two per cent more."),
    }
    parts = [
        "# Glossary of variables\n\n"
        "From `src/tradewinds/core/variables.toml`. The ending of a name carries its meaning: `_rate` a "
        "fraction, `_hat` "
        "new over base, `_new` a level afterwards, `_change` new less base, `_pct` per cent (reports only), `_musd` "
        "million USD. `tradewinds explain NAME` takes any of these names.\n"
    ]
    for role, (title, says) in roles.items():
        rows = [
            (f"`{v.name}`", v.symbol, ", ".join(v.dims), v.unit, v.says) for v in variables().values() if v.role == role
        ]
        parts.append(f"\n## {title}\n\n{says}\n\n" + table(("name", "symbol", "dimensions", "unit", "meaning"), rows))
    return "".join(parts)


def cli_page() -> str:
    """Every verb with its parameters."""
    parts = [
        "# Command line\n\n"
        "From the one list of verbs. `tradewinds VERB --help` shows the same on the terminal. Exit codes: 0 "
        "done, 1 a bug, "
        "2 something in your input, 3 no equilibrium found. Documents go to standard output, progress and errors to "
        "standard error.\n\n## Options of every verb\n\n"
    ]
    launch = build_app().meta.default_command
    assert launch is not None
    parts.append(table(("option", "takes", "default", "meaning"), list(_options(launch, {}))))
    for verb in VERBS:
        module, _, name = verb.target.partition(":")
        function = getattr(import_module(module), name)
        says = _parameter_sentences(inspect.getdoc(function) or "")
        parts.append(f"\n## {verb.name}\n\n{verb.says}\n\n```text\n{_usage(verb.name, function)}\n```\n")
        rows = list(_options(function, says))
        if rows:
            parts.append("\n" + table(("parameter", "takes", "default", "meaning"), rows))
    return "".join(parts)


def _shown(function: Callable[..., Any]) -> Iterator[tuple[inspect.Parameter, Any, str]]:
    """Parameters a person can give: the parameter, its type without annotations, and its help where annotated."""
    hints = get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        hint, note = hints[parameter.name], ""
        if get_origin(hint) is Annotated:
            hint, *extras = get_args(hint)
            if any(getattr(e, "parse", None) is False or getattr(e, "show", None) is False for e in extras):
                continue
            note = next((e.help for e in extras if getattr(e, "help", None)), "")
        yield parameter, hint, note


def _options(function: Callable[..., Any], says: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for parameter, hint, note in _shown(function):
        yield _called(parameter), _takes(hint), _default(parameter), note or says.get(parameter.name, "")


def _positional(parameter: inspect.Parameter) -> bool:
    return parameter.kind is not inspect.Parameter.KEYWORD_ONLY


def _called(parameter: inspect.Parameter) -> str:
    name = parameter.name.replace("_", "-")
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return f"`{name.upper()} …`"
    return f"`{name.upper()}`" if _positional(parameter) else f"`--{name}`"


def _usage(verb: str, function: Callable[..., Any]) -> str:
    words = ["tradewinds", verb]
    for parameter, _, _ in _shown(function):
        name = parameter.name.replace("_", "-")
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            words.append(f"[{name.upper()} …]")
        elif parameter.default is inspect.Parameter.empty:
            words.append(name.upper() if _positional(parameter) else f"--{name} {name.upper()}")
    return " ".join([*words, "[OPTIONS]"])


def _default(parameter: inspect.Parameter) -> str:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return ""
    if parameter.default is inspect.Parameter.empty:
        return "required"
    empty = parameter.default is None or parameter.default is False or parameter.default == ""
    return "" if empty else f"`{parameter.default}`"


def _takes(hint: Any) -> str:
    plain = {str: "text", int: "whole number", float: "number", bool: "flag", Path: "path"}
    if hint in plain:
        return plain[hint]
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(_takes(part) for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is list:
        return f"{_takes(get_args(hint)[0])}, repeatable"
    return str(hint)


def _parameter_sentences(doc: str) -> dict[str, str]:
    """Name → sentence, from the *Parameters* section of a docstring; several names may share one."""
    _, _, section = doc.partition("Parameters\n----------\n")
    out: dict[str, str] = {}
    for match in re.finditer(r"^(\w[\w, ]*)\n((?:    .*(?:\n|$))+)", section, re.MULTILINE):
        sentence = " ".join(match[2].split())
        out |= {name.strip(): sentence for name in match[1].split(",")}
    return out


def schemas_page() -> str:
    """Keys of agreement and scenario files."""
    parts = [
        "# Keys of the files\n\n"
        "From the models that check the files. Unknown keys are refused, and every fault of a file is "
        "reported at once: "
        '`tradewinds validate FILE`. *Text by language* is a table such as `{ en = "…", "zh-Hant" = "…" }`; give '
        "both languages if you want to print both.\n"
    ]
    for title, module, root, extra in (
        ("agreement/1", law, law.Agreement, _BASKETS),
        ("scenario/1", plan, plan.Scenario, _SCENARIO),
    ):
        parts.append(f"\n## {title}\n\n{(root.__doc__ or '').splitlines()[0]}\n\n{extra}")
        parts += list(_model(root, "top level", module, set()))
    return "".join(parts)


_BASKETS = (
    "Save the file as `<id>.toml` beside the scenario that uses it; scenarios find an agreement by the "
    "name of its file. "
    "`basket` is `A` (at once), `B` (5 equal yearly cuts), `C` (10), `D` (15), `E` (kept out), `EH-mainland` or "
    "`EH-taiwan` (the early-harvest bands), or a class of the file's own under `[staging.NAME]`. Year 1 "
    "is the calendar "
    "year of entry into force.\n\n"
)
_SCENARIO = (
    "`world` is `toy3`, an embedded world, or the path of a `.npz` file. `[assume]` takes the keys of "
    "[the numbered assumptions](../assumptions.md) and `trade_elasticity`: a number for every sector, the name of a "
    'published set, or `"median"`. A shock names cells by dimension under `where`; what is not named means all.\n\n'
)


def _model(model: type[BaseModel], place: str, module: types.ModuleType, seen: set[str]) -> Iterator[str]:
    seen.add(model.__name__)
    rows, inner = [], []
    comments = _doc_of(model)
    for name, field in model.model_fields.items():
        key = field.alias or name
        default = "required" if field.is_required() else _value(field.default)
        rows.append((f"`{key}`", _kind(_hint(model, name), field.metadata), default))
        for part in _models_in(_hint(model, name)):
            if part.__name__ not in seen:
                inner.append((part, f"`[{key}]`" if not _listed(_hint(model, name)) else f"`[[{key}]]`"))
    yield f"### {place}\n\n{comments}\n\n" + table(("key", "takes", "default"), rows) + "\n"
    for part, where in inner:
        if part.__name__ not in seen:
            yield from _model(part, f"{where}" if place == "top level" else f"{where} in {place}", module, seen)


def _hint(model: type[BaseModel], name: str) -> Any:
    return get_type_hints(model, include_extras=True)[name]


def _doc_of(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").replace("``", "`")


def _value(value: Any) -> str:
    if value is PydanticUndefined or value is None or value in ("", [], {}):
        return ""
    if isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _models_in(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for part in get_args(hint):
        yield from _models_in(part)


def _listed(hint: Any) -> bool:
    return get_origin(hint) is list


def _kind(hint: Any, metadata: list[Any]) -> str:
    """What a key takes, in words."""
    if hint == law.Words:
        return "text by language"
    for alias, words in (
        (law.Economy, "ISO3 code"),
        (law.Fraction, "0 to 1"),
        (law.Chapters, 'HS chapters, `"01-03"`'),
    ):
        if hint == alias:
            return words
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "table"
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(parts[0], metadata)
    if origin is Literal:
        return " \\| ".join(f'`"{p}"`' for p in parts).replace("\\|", "or")
    if origin is list:
        return "list of tables" if list(_models_in(hint)) else f"list of {_kind(parts[0], [])}"
    if origin is dict:
        return "tables by name" if list(_models_in(hint)) else f"table of {_kind(parts[1], [])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(p, []) for p in parts if p is not type(None))
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    name = words.get(hint, "date" if getattr(hint, "__name__", "") == "date" else str(hint))
    limits = [f"{sign} {getattr(m, key)}" for m in metadata for key, sign in _LIMITS.items() if hasattr(m, key)]
    return f"{name} ({', '.join(limits)})" if limits else name


_LIMITS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}

#: Cases of the changelog and the economies it shows of each.
HEADLINES = {
    "ecfa-goods": ("TWN", "CHN", "KOR", "JPN"),
    "cjk": ("CHN", "JPN", "KOR", "TWN"),
    "korus": ("KOR", "USA", "TWN"),
    "reciprocal-2025": ("USA", "TWN", "CHN", "VNM", "MEX"),
}


def headlines() -> Iterator[str]:
    """The headline figures of the built-in cases, default draws and seed, as Markdown."""
    from tradewinds.report.answer import answer
    from tradewinds.scenarios.run import assess

    columns = ("economy", "welfare, exact", "real GDP", "exports, volume", "equivalent variation, million USD a year")
    for name, codes in HEADLINES.items():
        found = answer(assess(plan.open_case(name)))
        world = found["stamp"]["world"].split()
        said = f"solved from `{world[0]}`" if plan.open_case(name).scenario.baseline else f"`{world[1]}`"
        change = found["stamp"]["change"]
        yield f"`tradewinds assess {name}` ({found['years'][-1]}; world {said}, change `{change}`):\n\n"
        rows = []
        for code in codes:
            row, slow = found["parties"][code], found["closures"]["long_run"][code]["real_gdp_pct"]["value"]
            fields = ("welfare_exact_pct", "real_gdp_pct", "exports_pct")
            ranges = [_range(row[field], 3) for field in fields] + [_range(row["equivalent_variation_musd"], 0)]
            rows.append((code, *ranges, _signed(slow, 3)))
        yield table((*columns, "long run: real GDP"), rows) + "\n"


def _range(cell: Mapping[str, float], places: int) -> str:
    value, low, high = (_signed(cell[k], places) for k in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _signed(value: float, places: int) -> str:
    rounded = round(value, places)
    return f"{rounded:+,.{places}f}".replace("-", "−") if rounded else f"{0:.{places}f}"


PAGES: Mapping[str, Callable[[], str]] = {
    "sources.md": sources_page,
    "assumptions.md": assumptions_page,
    "glossary.md": glossary_page,
    "reference/cli.md": cli_page,
    "reference/schemas.md": schemas_page,
}


def stale() -> list[str]:
    """Names of the pages that differ from what would be written."""
    return [
        name
        for name, page in PAGES.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != HEAD + page()
    ]


def main() -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a page is stale")
    parser.add_argument("--headlines", action="store_true", help="print headline figures for the changelog")
    asked = parser.parse_args()
    if asked.headlines:
        sys.stdout.writelines(headlines())
        return 0
    if asked.check:
        for name in stale():
            sys.stderr.write(f"stale: docs/{name}; run `python tools/reference.py`\n")
        return 1 if stale() else 0
    for name, page in PAGES.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(HEAD + page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
