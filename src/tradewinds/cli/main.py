"""The command line: a door. It parses, calls a verb, renders its Document, and turns errors into exit codes.

0 ok · 1 bug · 2 your input · 3 did not converge. Tables go to stdout, progress and errors to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Group, Parameter

from tradewinds.core.errors import InputError, TradewindsError
from tradewinds.core.language import LANGUAGES, say
from tradewinds.verbs import GROUPS, VERBS

if TYPE_CHECKING:
    from tradewinds.report.document import Document

OUTPUT = Group("Output", sort_key=99)
WIDTH_OFF_TERMINAL = 120


def build_app() -> App:
    """The application with every verb of the list, none of them loaded yet."""
    app = App(
        name="tradewinds",
        help="Tradewinds 貿易風: a workbench for trade-agreement strategy.",
        help_format="plaintext",
        version_flags=["--version"],
        result_action="return_value",
        default_parameter=Parameter(negative=()),
    )
    groups: dict[str, App] = {}
    for verb in VERBS:
        parent, _, name = verb.name.rpartition(" ")
        host = app
        if parent:
            if parent not in groups:
                groups[parent] = App(name=parent, help=GROUPS[parent])
                app.command(groups[parent])
            host = groups[parent]
        host.command(verb.target, name=name, help=verb.says)
    app.meta.default(_launch(app))
    return app


def _launch(app: App) -> Any:
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        lang: Annotated[str, Parameter(group=OUTPUT, help=f"Language of the document: {', '.join(LANGUAGES)}.")] = "en",
        json: Annotated[bool, Parameter(group=OUTPUT, help="Print the JSON object instead.")] = False,
        html: Annotated[Path | None, Parameter(group=OUTPUT, help="Write one self-contained HTML file.")] = None,
        xlsx: Annotated[Path | None, Parameter(group=OUTPUT, help="Write an Excel workbook with live tables.")] = None,
        csv: Annotated[
            Path | None, Parameter(group=OUTPUT, help="Write the tables as CSV files into this folder.")
        ] = None,
        quiet: Annotated[bool, Parameter(group=OUTPUT, help="No progress.")] = False,
    ) -> int:
        if lang not in LANGUAGES:
            say("render.unit", lang)
        command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
        progress = None
        if "language" in ignored:
            bound.arguments["language"] = lang
        if "progress" in ignored and not quiet and sys.stderr.isatty():
            progress = _Progress(lang)
            bound.arguments["progress"] = progress.step
        targets = [p for p in (html, xlsx) if p is not None]
        for path in targets:
            if not path.parent.is_dir():
                raise InputError(f"no folder {path.parent}", where=str(path), hint="create the folder first")
            if path.is_dir():
                raise InputError("is a folder", where=str(path), allowed="a file name")
        if csv is not None and csv.exists() and not csv.is_dir():
            raise InputError("is a file", where=str(csv), allowed="a folder")
        try:
            document = command(*bound.args, **bound.kwargs)
        finally:
            if progress is not None:
                progress.stop()
        if document is None or isinstance(document, int):
            return document or 0
        emit(document, as_json=json, html=html, xlsx=xlsx, csv=csv)
        return 0

    return launch


class _Progress:
    """A progress line on stderr."""

    def __init__(self, language: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.language = language
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self.bar.start()
        self.tasks: dict[str, Any] = {}

    def step(self, stage: str, done: int, total: int) -> None:
        """Show ``done`` of ``total`` in a stage."""
        if stage not in self.tasks:
            self.tasks[stage] = self.bar.add_task(say(f"progress.{stage}", self.language), total=total)
        self.bar.update(self.tasks[stage], completed=done)

    def stop(self) -> None:
        self.bar.stop()


def emit(document: Document, *, as_json: bool, html: Path | None, xlsx: Path | None, csv: Path | None) -> None:
    """Render a document to wherever it was asked for; to the terminal when nowhere else."""
    import json as codec

    from tradewinds.core.files import writing

    if html is not None:
        from tradewinds.report.html import render_html

        page = render_html(document)
        with writing(html) as temporary:
            temporary.write_text(page, "utf-8")
    if xlsx is not None:
        from tradewinds.report.excel import render_excel

        render_excel(document, xlsx)
    if csv is not None:
        from tradewinds.report.tables import render_csv

        render_csv(document, csv)
    if as_json:
        sys.stdout.write(codec.dumps(document.data, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    elif html is None and xlsx is None and csv is None:
        from rich.console import Console

        from tradewinds.report.terminal import render_terminal

        wide = None if sys.stdout.isatty() else WIDTH_OFF_TERMINAL
        render_terminal(document, Console(width=wide))
    for path in (html, xlsx, csv):
        if path is not None:
            sys.stderr.write(f"{path}\n")


def main(tokens: list[str] | None = None) -> None:
    """Entry point of the ``tradewinds`` command."""
    sys.exit(run(sys.argv[1:] if tokens is None else tokens))


def run(tokens: list[str]) -> int:
    """Run one command line and return its exit code."""
    from cyclopts import CycloptsError

    try:
        result = build_app().meta(tokens, exit_on_error=False, print_error=False)
        return int(result or 0)
    except TradewindsError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except CycloptsError as error:
        sys.stderr.write(f"error: {_plain(error)}\n\nhint: `tradewinds --help` lists the verbs and options\n")
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was written\n")
        return 130


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())
