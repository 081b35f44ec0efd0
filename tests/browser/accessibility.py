"""What axe-core finds wrong with a page, by the rules of WCAG 2.1, levels A and AA, and by those of its own."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def violations(page: Page, within: str = "html") -> list[str]:
    """One line for each rule that is broken, with the first element that breaks it."""
    # to axe a formula is no word, so a column that is headed with one counts as headed with nothing
    options = {"runOnly": TAGS, "iframes": False, "rules": {"empty-table-header": {"enabled": False}}}
    options["resultTypes"] = ["violations"]  # or it writes down each element that is as it should be
    found = Axe().run(page, context=within, options=options)
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]]
