from pathlib import Path

from lines import usage_line, write
from playwright.sync_api import Page, expect
from serving import serving


def test_a_line_appended_to_a_log_moves_the_number_on_the_page(page: Page, tmp_path: Path) -> None:
    log = tmp_path / ".claude" / "projects" / "p" / "s1.jsonl"
    log.parent.mkdir(parents=True)
    write(log, usage_line(1))
    with serving(tmp_path) as url:
        page.goto(url)
        total = page.get_by_label("Total tokens")
        expect(total).to_have_text("1,150")
        write(log, usage_line(2))
        expect(total).to_have_text("2,300")
