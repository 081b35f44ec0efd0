"""Runs cells in a sandbox, and reads what they put out."""

from nbjudge.sandbox.channel import Result
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute


def run(sandbox: Sandbox, *sources: str, files: dict[str, bytes] | None = None) -> list[Result]:
    """The results of cells, in their order."""
    return list(execute(sandbox, dict(enumerate(sources)), files or {}).values())


def said(result: Result) -> str:
    """The last thing that a cell put out."""
    (*_, output) = result.outputs
    return str(output.get("evalue") or output.get("text") or output.data["text/plain"])
