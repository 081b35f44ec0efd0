"""Python, and the packages without which nothing works here."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from nbjudge.configuration import OLDEST, is_new_enough
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, UNSEEN, VALIDATING, WORKS, Facts, Finding

TRIED = ("3.11", "3.12", "3.13")
BOTH = (GRADING, VALIDATING)
NEEDED = {"nbgrader": BOTH, "jupyterlab": (VALIDATING,), "ipykernel": BOTH, "nbconvert": BOTH, "numpy": BOTH}
"""What each is needed for."""


def look() -> dict[str, Any]:
    programs = str(Path(sys.executable).parent)
    return {
        "version": ".".join(map(str, sys.version_info[:3])),
        "program": sys.executable,
        "environment": _environment(),
        "prefix": sys.prefix,
        "packages": {name: _version(name) for name in (*NEEDED, "distributed")},
        "alembic": shutil.which("alembic", path=f"{programs}{os.pathsep}{os.environ.get('PATH', '')}") or "",
    }


def _environment() -> str:
    if Path(sys.prefix, "conda-meta").is_dir():
        return "conda"
    return "venv" if sys.prefix != sys.base_prefix else "system"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def judged(facts: Facts) -> list[Finding]:
    kinds = {"conda": "the conda environment", "venv": "the environment", "system": "no environment, the Python in"}
    says = f"{facts['version']}, {kinds[facts['environment']]} {facts['prefix']}"
    is_tried = facts["version"].startswith(tuple(f"{version}." for version in TRIED))
    found = [
        Finding("Python", WORKS, says)
        if is_tried
        else Finding("Python", LIMITED, f"{says}; {', '.join(TRIED)} are those that were tried")
    ]
    return [*found, *_packages(facts["packages"], f"{facts['program']} -m pip install"), _alembic(facts), _dask(facts)]


def _packages(versions: dict[str, str], install: str) -> list[Finding]:
    found = [
        Finding(name, FAILS, "isn't installed", f"{install} {name}", purposes)
        for name, purposes in NEEDED.items()
        if not versions[name]
    ]
    there = [f"{name} {versions[name]}" for name in ("nbgrader", "jupyterlab") if versions[name]]
    if versions["nbgrader"] and not is_new_enough(versions["nbgrader"]):
        says = f"{versions['nbgrader']} is too old; {OLDEST} or newer is needed"
        found.append(Finding("nbgrader", FAILS, says, f"{install} --upgrade nbgrader", (GRADING,)))
    return found or [Finding("packages", WORKS, ", ".join(there))]


def _alembic(facts: Facts) -> Finding:
    if facts["alembic"]:
        return Finding("alembic", WORKS, f"is found, so new gradebooks can be made ({facts['alembic']})")
    says = "nbgrader calls this program to make a gradebook, and it isn't found"
    return Finding("alembic", FAILS, says, f"{facts['program']} -m pip install --force-reinstall alembic", (GRADING,))


def _dask(facts: Facts) -> Finding:
    if facts["packages"]["distributed"]:
        return Finding("Dask", WORKS, f"{facts['packages']['distributed']}, for grading on several machines")
    return Finding("Dask", UNSEEN, "isn't installed; only grading on several machines needs it")
