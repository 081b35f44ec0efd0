"""What JupyterLab loads of nbgrader in this environment, and the kernel of students."""

import importlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from nbjudge.machine.finding import FAILS, GRADING, LIMITED, VALIDATING, WORKS, Facts, Finding

EXTENSION, KERNEL = "@jupyter/nbgrader", "python3"
PARTS = {
    # name: nbgrader's module of the server, plugin of JupyterLab, what is lost without it, what needs it
    "formgrader": ("formgrader", "formgrader", "points by hand are given there", ()),
    "assignment list": ("assignment_list", "assignment-list", "students fetch and hand in there by the exchange", ()),
    "Validate": ("validate_assignment", "validate-assignment", "students press it before they hand in", (VALIDATING,)),
}


def look() -> dict[str, Any]:
    try:
        return {"error": "", "server": _server(), "lab": _lab(), "kernel": _kernel()}
    except ImportError as error:
        return {"error": str(error)}


def _loaded(module: str) -> Any:
    """A module of Jupyter's, asked for by name: nbgrader brings them, and on this machine they may be missing."""
    return importlib.import_module(module)


def _server() -> dict[str, str]:
    """State of each of nbgrader's extensions of the server: "on", "off", or why it can't be loaded."""
    paths = _loaded("jupyter_core.paths").jupyter_config_path()
    configured = _loaded("jupyter_server.extension.config").ExtensionConfigManager(read_config_path=paths)
    switched = configured.get_jpserver_extensions()
    states = {}
    for module, *_ in PARTS.values():
        name = f"nbgrader.server_extensions.{module}"
        states[module] = "on" if switched.get(name) else "off"
        try:
            importlib.import_module(name)
        except Exception as error:
            states[module] = f"it can't be loaded ({type(error).__name__}: {error})"
    return states


def _lab() -> dict[str, str]:
    """State of each of nbgrader's plugins of JupyterLab."""
    paths = _loaded("jupyter_core.paths").jupyter_path("labextensions")
    page = _loaded("jupyterlab_server.config").get_page_config(paths)
    names = {extension["name"] for extension in page.get("federated_extensions", [])}
    off = set(page.get("disabledExtensions", []))
    states = {}
    for _, plugin, *_ in PARTS.values():
        is_off = EXTENSION in off or f"{EXTENSION}:{plugin}" in off
        states[plugin] = "absent" if EXTENSION not in names else "off" if is_off else "on"
    return states


def _kernel() -> dict[str, str]:
    """The program of the kernel that notebooks of students ask for; "" where it isn't found."""
    try:
        words = _loaded("jupyter_client.kernelspec").KernelSpecManager().get_kernel_spec(KERNEL).argv
    except KeyError:  # NoSuchKernel is one
        return {"program": "", "found": ""}
    program = Path(sys.executable).with_name(words[0]) if os.sep not in words[0] else Path(words[0])
    return {"program": words[0], "found": shutil.which(str(program)) or shutil.which(words[0]) or ""}


def judged(facts: Facts) -> list[Finding]:
    if facts["error"]:
        line = f"{sys.executable} -m pip install jupyterlab nbgrader"
        return [Finding("JupyterLab", FAILS, f"can't be loaded: {facts['error']}", line, (VALIDATING,))]
    found = [
        _of_part(name, facts["server"][module], facts["lab"][plugin]) for name, (module, plugin, *_) in PARTS.items()
    ]
    return [*found, _of_kernel(facts["kernel"])]


def _of_part(name: str, server: str, lab: str) -> Finding:
    module, plugin, lost, purposes = PARTS[name]
    if server == lab == "on":
        return Finding(name, WORKS, "is loaded by JupyterLab")
    state = FAILS if purposes else LIMITED
    if server == "off":
        says, line = (
            "is off in the server",
            f"jupyter server extension enable --sys-prefix nbgrader.server_extensions.{module}",
        )
    elif server != "on":
        says, line = server, f"{sys.executable} -m pip install --force-reinstall nbgrader"
    elif lab == "off":
        says, line = "is off in JupyterLab", f"jupyter labextension enable {EXTENSION}:{plugin}"
    else:
        says, line = "JupyterLab doesn't find it", f"{sys.executable} -m pip install --force-reinstall nbgrader"
    return Finding(name, state, f"{says}; {lost}", line, purposes)


def _of_kernel(kernel: dict[str, str]) -> Finding:
    line = f"{sys.executable} -m ipykernel install --sys-prefix"
    if kernel["found"]:
        return Finding("kernel", WORKS, f"{KERNEL} is {kernel['found']}")
    says = f"{KERNEL} starts {kernel['program']}, which isn't there" if kernel["program"] else f"there is no {KERNEL}"
    return Finding("kernel", FAILS, says, line, (GRADING, VALIDATING))
