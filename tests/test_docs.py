"""Every command in the docs is one that exists, with options that it has, and every link leads somewhere."""

import json
import re
import shlex
from pathlib import Path

import pytest
from nbgrader.apps import NbGraderApp
from typer.main import get_command

from nbjudge.cli import application
from tests.support import ROOT

app = application()


PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
MAKEFILE, README = ((ROOT / name).read_text() for name in ("Makefile", "README.md"))
OWN = re.compile(r"(course|nbgrader|make) [^`\n]*")
PLACEHOLDERS = {"COMMAND", "…", "NAME", "FILES…", "DOWNLOADS…"}


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text()
        spans = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^    (.+)$", text, re.MULTILINE)
        found += [(page.name, each.strip()) for each in spans if OWN.fullmatch(each.strip())]
    return sorted(set(found))


COMMANDS = commands()


def test_there_are_some() -> None:
    assert len(COMMANDS) > 60


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line}" for page, line in COMMANDS])
def test_a_command_in_the_docs_exists_with_its_options(page: str, line: str) -> None:
    program, *words = shlex.split(line.partition(" | ")[0], comments=True)
    if any(word in PLACEHOLDERS for word in words[:1]) or not words:
        return
    if program == "make":
        targets = [word for word in words if "=" not in word]
        assert all(each == ".venv/ready" or f"\n{each}:" in MAKEFILE for each in targets)
    elif program == "course":
        group = get_command(app)
        command = group.commands[words[0]]  # type: ignore[attr-defined]
        own = words[1 : words.index("--")] if "--" in words else words[1:]
        options = {name for parameter in command.params for name in parameter.opts}
        named = [word.partition("=")[0] for word in own if word.startswith("-")]
        assert set(named) <= options | {"--help"}
        if own and not PLACEHOLDERS & set(own) and "--help" not in own:  # a bare name only mentions it
            command.make_context(words[0], own)
    else:
        assert words[0] in NbGraderApp.subcommands
        nbgrader = NbGraderApp.subcommands[words[0]][0]
        known = {f"--{name}" for name in [*nbgrader.aliases, *nbgrader.flags]}
        named = [word.partition("=")[0] for word in words[1:] if word.startswith("--")]
        assert {name for name in named if "." not in name and words[0] != "db"} <= known


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, part = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if part:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
            assert part in slugs, target


TOP = [
    "benchmarks",
    "docs",
    "exercise_code",
    "misconceptions",
    "nbjudge",
    "nbprobe",
    "release",
    "sample_class",
    "source",
    "tests",
]
MADE_UP = {
    *("source/ex05/", "release/ex05/", "misconceptions/ex05.py", "tests/test_ex05.py"),
    "tests/browser/screenshots/",
}
"""What `course new ex05` and the browser tests make."""


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_file_that_is_named_is_there(page: Path) -> None:
    paths = re.findall(rf"`((?:{'|'.join(TOP)})/[\w./-]*)`", page.read_text())
    assert not [path for path in paths if not (ROOT / path).exists() and path not in MADE_UP]


def test_the_task_in_the_readme_is_that_of_the_notebooks() -> None:
    for place, block in zip(("source", "release"), re.findall(r"```python\n(.*?)```", README, re.DOTALL), strict=True):
        cells = json.loads((ROOT / place / "ex04/1_simple_classifier.ipynb").read_text())["cells"]
        assert any(block in "".join(cell["source"]) + "\n" for cell in cells), place


SECURITY = (ROOT / "docs/security.md").read_text()
TESTS = {path: path.read_text() for path in (ROOT / "tests").rglob("*.py")}
NAMES = {name for text in TESTS.values() for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
ATTACKS = "".join(text for path, text in TESTS.items() if path.name.endswith("attacks.py"))


def promises() -> list[str]:
    """Where each promise of a table is tested, by the last column of its row."""
    rows, has_tests = list[str](), False
    for line in SECURITY.splitlines():
        if not line.startswith("|"):
            has_tests = False
        elif not has_tests:
            has_tests = line.rpartition("| ")[2].startswith("test")
        elif not line.startswith("|---"):
            rows.append(line.rpartition("| ")[2].removesuffix(" |"))
    return rows


def test_every_promise_of_security_names_its_test() -> None:
    assert len(promises()) > 80
    for row in promises():
        assert re.search(r'`(…|test|tests/|[A-Z])|"|the same', row), row


def test_every_test_that_security_names_is_there() -> None:
    named = re.findall(r"`(…_\w+|test_\w+)`", SECURITY)
    assert len(named) > 100
    for name in named:
        assert any(one.endswith(name.removeprefix("…")) for one in NAMES) if name[0] == "…" else name in NAMES, name


def test_every_attack_that_security_names_is_there() -> None:
    named = [name for row in promises() for name in re.findall(r'"([^"]+)"', row)]
    assert len(named) > 10
    assert not [name for name in named if f'"{name}"' not in ATTACKS]
