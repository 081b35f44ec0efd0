"""What a warm process is started with: what a notebook imports, and what must not be seen. This imports little."""

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbjudge.sandbox.view import outermost

EXCHANGE = "/usr/local/share/nbgrader"
"""Where nbgrader keeps what students hand in, unless it is told otherwise. It lies where Python may lie, too."""
OURS = "nbprobe"
"""What each submission needs beside what its notebook imports."""


def modules_of(codes: Iterable[str]) -> list[str]:
    """Names of the modules that these cells import."""
    modules: dict[str, None] = {}
    for code in codes:
        try:
            statements = list(ast.walk(ast.parse(code)))
        except SyntaxError:
            continue  # a line that only IPython understands
        for statement in statements:
            if isinstance(statement, ast.Import):
                modules |= dict.fromkeys(alias.name for alias in statement.names)
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                modules |= dict.fromkeys(
                    [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
                )
    return list(modules)


def to_be_hidden(root: Path, exchange: Path, misconceptions: Sequence[Path]) -> list[Path]:
    """Folders that no submission may see: this package and the misconceptions know the solution's formulas, and may lie
    where Python does."""
    places = [root, exchange, Path(EXCHANGE), Path(__file__).parents[1], *misconceptions]
    return outermost([place.resolve() for place in places if place.is_dir()])
