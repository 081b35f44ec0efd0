"""What other editors write when they save a notebook: every cell has run, and one was added.

What they do was read in VS Code's sources (its extension ``ipynb``, files ``serializers.ts`` and
``notebookModelStoreSync.ts``) and in public notebooks that Colab saved.
"""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
"""A notebook as JSON."""
ADDED = "print(BCE())"


def vs_code(notebook: Notebook) -> str:
    """Ids and metadata stay, keys are sorted, the kernel's metadata grow, and it indents as the file did."""
    saved = _with_one_more(notebook)
    saved["cells"][-1]["id"] = "8f3a1c07"
    saved["metadata"]["kernelspec"]["display_name"] = ".venv"
    saved["metadata"]["language_info"] |= {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.12.3",
    }
    _run(saved)
    for cell in saved["cells"]:
        cell["source"] = _lines("".join(cell["source"]))
        if cell["id"] == "step":  # its language was set to another one, by hand or by a guess
            cell["metadata"]["vscode"] = {"languageId": "plaintext"}
    return json.dumps(saved, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def older_vs_code(notebook: Notebook) -> str:
    """As of 2022: it wrote the format down, and a fingerprint of the interpreter."""
    saved = json.loads(vs_code(notebook))
    saved["metadata"] |= {"orig_nbformat": 4, "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}}}
    return json.dumps(saved, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def colab(notebook: Notebook) -> str:
    """Version 4.0 of the format: its ids stand in the metadata, and each output has one too; no line end at the end."""
    saved = _with_one_more(notebook)
    saved["nbformat_minor"] = 0
    saved["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    }
    _run(saved)
    for number, cell in enumerate(saved["cells"]):
        cell.pop("id", None)
        cell["source"] = _lines("".join(cell["source"]))
        cell["metadata"]["id"] = f"wArRwBZc{number:04}"
        if cell["cell_type"] == "code":
            cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/", "height": 51}
            cell["metadata"]["outputId"] = f"33379337-b179-461a-ee55-{number:012}"
    upload = {"cell_type": "code", "source": ["!unzip -o ex04.zip\n", "%cd ex04"], "outputs": []}
    saved["cells"].insert(0, upload | {"metadata": {"id": "mOUx_fY11VJ3"}, "execution_count": 1})
    return json.dumps(saved, indent=2, ensure_ascii=False)


def colab_with_ids(notebook: Notebook) -> str:
    """As Colab saves what came as version 4.5: the ids stay, beside its own."""
    saved = json.loads(colab(notebook))
    saved["nbformat_minor"] = 5
    for cell, known in zip(saved["cells"][1:], notebook["cells"], strict=False):
        cell["id"] = known["id"]
    saved["cells"][0]["id"], saved["cells"][-1]["id"] = "mOUx_fY11VJ3", "kl2BxxQ0aMZt"
    return json.dumps(saved, indent=2, ensure_ascii=False)


EDITORS: dict[str, Callable[[Notebook], str]] = {
    each.__name__: each for each in (vs_code, older_vs_code, colab, colab_with_ids)
}


def _with_one_more(notebook: Notebook) -> Notebook:
    own = {"cell_type": "code", "metadata": {}, "source": ADDED, "outputs": [], "execution_count": None}
    saved = copy.deepcopy(notebook)
    saved["cells"].append(own)
    return saved


def _run(notebook: Notebook) -> None:
    """Every code cell has a number and an output."""
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for number, cell in enumerate(code, 1):
        output = {"output_type": "stream", "name": "stdout", "text": ["Cell\n", f"{number}\n"]}
        cell["execution_count"], cell["outputs"] = number, [output]


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=\n)", text) if line]
