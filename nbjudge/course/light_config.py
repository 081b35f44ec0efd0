"""What the configuration of a course says, read without nbgrader, whose import takes most of a second.

It is read by the same loaders, in nbgrader's order: the files in the working directory, those in the course's root, and
options before all. What else nbgrader does with it, such as defaults, is left out.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from nbjudge.course.config_files import OBEYED

OPTION = re.compile(r"--(?P<section>\w+)\.(?P<name>\w+)=(?P<value>.*)", re.DOTALL)
LOADERS = dict(zip(OBEYED, (PyFileConfigLoader, JSONFileConfigLoader), strict=True))


def read(root: Path | None, options: Sequence[str] = ()) -> Config:
    """The configuration in the working directory; ``root`` is where the course's files lie, if elsewhere.

    Options are kept as texts, and only those of the form --Class.name=value are known. Whatever is wrong with a file is
    raised as it is.
    """
    said = Config()
    for word in [*([f"--CourseDirectory.root={root}"] if root else []), *options]:
        if match := OPTION.fullmatch(word):
            said[match["section"]][match["name"]] = match["value"]
    config = Config()
    _add(config, Path.cwd(), OBEYED)
    config.merge(said)
    place = root_of(config)
    if place != Path.cwd():
        _add(config, place, OBEYED[:1])
        config.merge(said)
    return config


def read_if_possible(root: Path | None, options: Sequence[str] = ()) -> Config | None:
    """The same, or None if it can't be read: what is wrong is said by who needs it."""
    try:
        return read(root, options)
    except Exception:
        return None


def root_of(config: Config) -> Path:
    """Where the course's files lie."""
    return Path(os.path.abspath(str(config.CourseDirectory.get("root") or os.getcwd())))


def _add(config: Config, folder: Path, names: Sequence[str]) -> None:
    for name in names:
        try:
            config.merge(LOADERS[name](name, str(folder)).load_config())
        except ConfigFileNotFound:
            continue
