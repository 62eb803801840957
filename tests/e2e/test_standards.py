"""What every page keeps to: accessible in light and dark, light to load, nothing that jumps."""

from __future__ import annotations

from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

PLAN = "xiangtan-jichu-jiaoyu"
PAGES = (
    "",
    "?q=谁负责学前教育普惠发展",
    "?q=登月计划",
    "?view=units",
    "?view=unit&id=湘潭市教育局",
    "?view=compare&id=云溪市民政局&id=云溪市财政局",
    "?view=documents",
    f"?view=document&id={PLAN}",
    f"?view=document&id={PLAN}&find=教育局",
    "?view=document&id=dangan",
    f"?view=document&id={PLAN}&tab=ledger",
    "?view=document&id=yunxi-yanglao-2025&tab=versions&since=yunxi-yanglao",
    "?view=targets",
    "?view=overview",
    "?view=overview&tab=matrix",
    f"?view=overview&tab=matrix&document_id={PLAN}",
    "?view=overview&tab=network",
    "?view=overview&tab=deadlines",
    "?view=upload",
    "?view=upload#with-key",
    "?view=unit&id=nobody",
)
MOST_BYTES = 500_000  # what a page loads in all, as it comes over the wire
MOST_SHIFT = 0.02  # of the window; 0.1 is what is called good (web.dev/cls)

_SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (!hadRecentInput) shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.nodeName)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_accessible_light_to_load_and_still(browser: Any, address: str, path: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(_SHIFTS)
    if path.endswith("#with-key"):
        page.add_init_script("sessionStorage.setItem('kb-key', 'a secret')")
    loaded: list[int] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda said: loaded.append(said["encodedDataLength"]))
    page.goto(f"/{path}", wait_until="networkidle")
    shifted = page.evaluate("globalThis.shifts")
    said = []
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):  # only the colours differ
        page.emulate_media(color_scheme=scheme)
        found = axe.Axe().run(page, options={"resultTypes": ["violations"], **rules})
        for violation in found.response["violations"]:
            said += [f"{scheme} {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]
    context.close()
    assert not said, "\n".join(said)
    assert 5_000 < sum(loaded) <= MOST_BYTES
    assert sum(value for value, _ in shifted) <= MOST_SHIFT, shifted
