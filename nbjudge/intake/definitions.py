"""What a cell defines, read from its lines. Never by a parser: the cell may be unfinished, or so large that a parser
takes all memory."""

import re

CLASS, FUNCTION = (re.compile(rf"^(?:async[ \t]+)?{word}[ \t]+(\w+)", re.MULTILINE) for word in ("class", "def"))
METHOD = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


def defined_names(text: str) -> list[str]:
    """Names of the classes that a cell defines; of its functions, if it defines no class."""
    return CLASS.findall(text) or FUNCTION.findall(text)


def all_defined_names(text: str) -> set[str]:
    """Names of the classes and functions that a cell defines."""
    return {*CLASS.findall(text), *FUNCTION.findall(text)}


def methods(text: str) -> set[str]:
    """Names of the functions that a cell defines inside of something."""
    return set(METHOD.findall(text))
