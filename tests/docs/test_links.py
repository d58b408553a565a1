"""Links between the Markdown pages: each leads to a file, and each anchor to a heading of it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> Iterator[str]:
    """Give the addresses of a page that lead to files of this repository."""
    for inline, reference in LINK.findall(CODE.sub("", _prose(page))):
        address = inline or reference
        if not re.match(r"[a-z]+:", address):
            yield unquote(address)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them: equal ones get a number."""
    seen: Counter[str] = Counter()
    anchors = set()
    for heading in HEADING.findall(_prose(page)):
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return anchors


def test_there_are_links() -> None:
    assert sum(1 for page in PAGES for _ in _links(page)) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        is_there = target.is_relative_to(ROOT) and target.exists()
        if not is_there or (anchor and (target.suffix != ".md" or anchor not in _anchors(target))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_is_linked_from_another(page: Path) -> None:
    if page.parent == ROOT and page.stem == "README":
        return
    others = [other for other in PAGES if other != page]
    linked = {(other.parent / link.partition("#")[0]).resolve() for other in others for link in _links(other)}
    assert page in linked
