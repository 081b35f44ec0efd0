"""Draws docs/images/house.svg: the rooms of the engine, what is in them, and who uses whom, read off the imports.

A test draws it again and compares, so the picture can't be older than the code.
"""

import html
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import grimp

from nbprobe.palette import BLUE, GREY, INK, ORANGE, PAGE

PICTURE = Path(__file__).parents[1] / "images/house.svg"

ROOMS = {
    # from the roof to the ground
    "commands": "what each command of course does",
    "usage": "what each command is called with",
    "machine": "what this machine can do of a course, for course doctor",
    "batch": "a whole class, on several processes or machines",
    "mistakes": "what nobody foresaw: groups of wrong results, drafts of misconceptions, judging again",
    "authoring": "from source/ to what students get",
    "collecting": "from downloads to submitted/",
    "results": "gradebook, table, report, exports",
    "intake": "from a submission's files to the notebook that is graded",
    "judging": "the solution's answers, and nbgrader's step that compares",
    "pages": "what a person reads of one submission",
    "sandbox": "where the code of students runs",
    "course": "where everything lies",
}
WIDTH, LEFT, ROOM, TOP, GAP = 1000, 30, 700, 70, 12
LETTERS = 118
"""How many fit into a line of modules."""


def modules(package: str) -> list[str]:
    """Names of the modules of a package, those of a package in it after its name."""
    folder = Path(__file__).parents[2] / package.replace(".", "/")
    files = sorted(folder.rglob("*.py"))
    paths = (file.relative_to(folder).with_suffix("") for file in files if not file.name.startswith("__"))
    return ["/".join(path.parts) for path in paths if path.parts[0] != "templates"]


def uses() -> dict[str, set[str]]:
    """For each room and package, which others it imports from."""
    graph = grimp.build_graph("nbjudge", "nbprobe", "exercise_code", cache_dir=None)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            if _place(module) != _place(imported):
                found[_place(module)].add(_place(imported))
    return found


def _place(module: str) -> str:
    """The room of a module of nbjudge; of other modules the package."""
    package, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    return room if package == "nbjudge" and room in ROOMS else "commands" if room in ("cli", "__main__") else package


def picture() -> str:
    """The drawing, as SVG."""
    arrows = uses()
    parts = [
        text(LEFT, 30, "nbjudge: what instructors run", 17, INK, bold=True),
        text(
            LEFT,
            52,
            "An arc leads from a room to one that it uses: always below. All use course; those are left out.",
            12,
            GREY,
        ),
    ]
    tops: dict[str, int] = {}
    top = TOP
    for room, purpose in ROOMS.items():
        lines = wrapped(modules(f"nbjudge.{room}"))
        tops[room], height = top, 43 + 19 * len(lines)
        parts += [box(LEFT, top, ROOM, height, BLUE), text(LEFT + 14, top + 22, f"{room}/", 14.5, INK, bold=True)]
        parts += [text(LEFT + 120, top + 22, purpose, 12.5, GREY)]
        parts += [text(LEFT + 14, top + 46 + 19 * number, line, 12, INK) for number, line in enumerate(lines)]
        top += height + GAP
    order = list(ROOMS)
    for room, begin in tops.items():
        for used in sorted(arrows[room] & tops.keys() - {"course"}, key=order.index):
            parts.append(arc(begin + 38, tops[used] + 22, order.index(used)))
    ground = top + 22
    libraries = {
        "nbprobe": "nbprobe: what a student's kernel needs of the engine",
        "exercise_code": "exercise_code: what the exercise's notebook imports",
    }
    top = ground
    for name, title in libraries.items():
        lines = wrapped(modules(name))
        height = 43 + 19 * len(lines)
        parts += [box(LEFT, top, ROOM, height, ORANGE), text(LEFT + 14, top + 22, title, 14.5, INK, bold=True)]
        parts += [text(LEFT + 14, top + 46 + 19 * number, line, 12, INK) for number, line in enumerate(lines)]
        top += height + GAP
    users = [room for room in ROOMS if "nbprobe" in arrows[room]]
    remarks = [
        "nbprobe is used by exercise_code",
        "and by",
        *(f"{', '.join(users[number : number + 3])}," for number in range(0, len(users), 3)),
        "and imports none of them.",
        "Nothing of the engine imports",
        "exercise_code.",
    ]
    parts += [text(LEFT + ROOM + 24, ground + 30 + 19 * number, line, 12, GREY) for number, line in enumerate(remarks)]
    height = top + 10
    style = 'font-family="DejaVu Sans, Verdana, sans-serif"'
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    name = "<title>The rooms of the engine from the roof to the ground, their modules, and who uses whom</title>"
    paper = f'<rect width="{WIDTH}" height="{height}" fill="{PAGE}"/>'
    return "\n".join([head, name, paper, *parts, "</svg>\n"])


def box(x: float, y: float, width: float, height: float, colour: str) -> str:
    about = f'fill="{colour}" fill-opacity="0.07" stroke="{colour}" stroke-width="1.3"'
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" {about}/>'


def text(x: float, y: float, words: str, size: float, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{html.escape(words)}</text>'


def arc(start: float, end: float, place: int) -> str:
    """From a room down to one that it uses; the farther, the wider. ``place`` of the used room chooses the colour."""
    x, reach = LEFT + ROOM, 26 + 0.3 * (end - start)
    colour = (BLUE, ORANGE, "#009E73", GREY)[place % 4]
    line = f'<path d="M{x} {start:g} C{x + reach:g} {start:g} {x + reach:g} {end:g} {x + 7} {end:g}" fill="none"'
    head = f'<path d="M{x} {end:g} l9 -4 v8 z" fill="{colour}"/>'
    return f'{line} stroke="{colour}" stroke-width="1.3" stroke-opacity="0.75"/>{head}'


def listed(names: Iterable[str]) -> str:
    return "  ·  ".join(names)


def wrapped(names: list[str]) -> list[str]:
    """The names in lines that fit."""
    lines: list[list[str]] = [[]]
    for name in names:
        if len(listed([*lines[-1], name])) > LETTERS:
            lines.append([])
        lines[-1].append(name)
    return [listed(line) for line in lines]


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
