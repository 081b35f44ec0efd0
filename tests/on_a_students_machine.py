"""A student's way from the zip file to a notebook that ran: unpack, install, run all cells, validate.

Plain Python, as CI calls it on macOS and Windows, too:

    python tests/on_a_students_machine.py ex04.zip [--solved 1_simple_classifier.ipynb] [--installed]

With ``--installed`` the Python that runs this takes the place of a fresh environment. Exit code 1 and one sentence if
something isn't as students need it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

MAY_FAIL = "raises-exception"
SECONDS = 900


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("--solved", type=Path, help="a notebook of the exercise with right answers")
    parser.add_argument("--installed", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        with zipfile.ZipFile(options.archive) as archive:
            archive.extractall(place)
        (folder,) = Path(place).iterdir()
        python = Path(sys.executable) if options.installed else installed(folder)
        notebooks = sorted(folder.glob("*.ipynb"))
        for notebook in notebooks:
            print(f"{notebook.name} as students get it: {run(python, notebook)} cells ran.", flush=True)
        if options.solved:
            notebook = folder / options.solved.name
            if notebook not in notebooks:
                sys.exit(f"{notebook.name} is none of the notebooks in the zip file.")
            notebook.write_bytes(options.solved.read_bytes())
            print(f"{notebook.name} with right answers: {run(python, notebook)} cells ran.", flush=True)
            validate(python, notebook)


def installed(folder: Path) -> Path:
    """As the README of the zip file says. Gives the Python of the new environment."""
    venv.create(folder / ".venv", with_pip=True)
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command(
        python, "-m", "pip", "install", "--disable-pip-version-check", "-q", "-r", "requirements.txt", folder=folder
    )
    print("What students need is installed.", flush=True)
    return python


def run(python: Path, notebook: Path) -> int:
    """Run all cells from a fresh start. Gives how many ran.

    Open tasks raise their own error in the cells that may fail; any other one ends this program.
    """
    words = ("-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--output", "ran")
    command(python, *words, notebook.name, folder=notebook.parent)
    ran = json.loads((notebook.parent / "ran.ipynb").read_text(encoding="utf-8"))
    (notebook.parent / "ran.ipynb").unlink()
    cells = [cell for cell in ran["cells"] if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]
    for place, cell in enumerate(cells, 1):
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        if cell["execution_count"] is None:
            sys.exit(f"{notebook.name}: the code cell {place} didn't run.")
        if errors and MAY_FAIL not in cell["metadata"].get("tags", []):
            sys.exit(f"{notebook.name}: the code cell {place} stops with {errors[0]['ename']}: {errors[0]['evalue']}")
    return len(cells)


def validate(python: Path, notebook: Path) -> None:
    """What the button Validate does."""
    said = command(python, "-m", "nbgrader", "validate", notebook.name, folder=notebook.parent)
    if "Success!" not in said:  # its exit code is 0 in any case
        sys.exit(f"{notebook.name} with right answers isn't valid: {said}")
    print(f"{notebook.name} with right answers is valid.", flush=True)


def command(python: Path, *words: str, folder: Path) -> str:
    """Run it in the folder. Gives what it said."""
    environment = {**os.environ, "PYTHONUTF8": "1", "TQDM_DISABLE": "1"}
    done = subprocess.run(
        [str(python), *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed; it said:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
