"""The brief as a person sees it: a real Chromium, no error in its console, no request to anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradewinds.report.brief import brief
from tradewinds.report.html import render_html
from tradewinds.scenarios.run import assess
from tradewinds.scenarios.scenario import open_case

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="not run: no Chromium on PATH")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-Hant", 390)])
def test_the_brief_in_a_browser(tmp_path: Path, language: str, width: int) -> None:
    sync = pytest.importorskip("playwright.sync_api")
    page_file = tmp_path / "brief.html"
    page_file.write_text(render_html(brief(assess(open_case("ecfa-goods"), draws=8), language)), "utf-8")
    errors: list[str] = []
    requests: list[str] = []
    with sync.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: requests.append(r.url))
        page.goto(page_file.as_uri())
        page.wait_for_selector("svg.marks, canvas.marks, .vega-embed svg", state="attached", timeout=20_000)
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.lang") == language
        assert page.locator("table caption").count() >= 8
        # The page itself never scrolls sideways; wide tables scroll in their own frame.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
