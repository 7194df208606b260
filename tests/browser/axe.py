"""What axe-core objects to on a page as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FOUND = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values: rules } });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
}"""


def violations(page: Page) -> list[str]:
    """Each broken rule with the parts that break it; the test is skipped where the page's packages are not there."""
    if not AXE.is_file():
        pytest.skip("axe-core comes with the page's packages: python tools/npm.py run test")
    page.evaluate(AXE.read_text("utf-8"))
    return list(page.evaluate(FOUND, RULES))
