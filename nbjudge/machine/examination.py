"""All topics together. Each is looked at in a process of its own, so that none can hold up or end the others."""

import importlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from nbjudge.course import own_process
from nbjudge.course.config_files import CONFIG
from nbjudge.course.errors import CourseError
from nbjudge.machine.choice import with_choice
from nbjudge.machine.finding import FAILED, FAILS, GRADING, VALIDATING, Facts, Finding

SECONDS = 60.0
"""How long one topic may take to be looked at."""
AT_ONCE = 3


@dataclass(frozen=True)
class Topic:
    """
    Attributes
    ----------
    module : in this package
    part : what its finding is called where it can't be looked at
    needed_for : what can't be done where it can't be looked at
    of_course : whether it is told where the course's files lie
    """

    module: str
    part: str
    needed_for: tuple[str, ...] = ()
    of_course: bool = False


SECTIONS = {
    "This machine": (
        Topic("python", "Python", (GRADING, VALIDATING)),
        Topic("bubblewrap", "bubblewrap", (GRADING,)),
        Topic("sandbox", "sandbox", (GRADING,)),
        Topic("landlock", "Landlock"),
        Topic("resources", "memory, cores and room"),
    ),
    "The course in this folder": (
        Topic("course", "course", (GRADING,), of_course=True),
        Topic("gradebook", "gradebook", (GRADING,), of_course=True),
        Topic("exchange", "exchange", of_course=True),
    ),
    "JupyterLab": (Topic("jupyter", "JupyterLab", (VALIDATING,)),),
}
TOPICS = [topic for topics in SECTIONS.values() for topic in topics]


@dataclass(frozen=True)
class Examination:
    """What was found out: the facts by module of their topic, and the findings by section."""

    facts: Mapping[str, Facts]
    sections: Mapping[str, list[Finding]]

    @property
    def findings(self) -> list[Finding]:
        return [finding for findings in self.sections.values() for finding in findings]

    def preventing(self, purpose: str) -> list[Finding]:
        """What keeps one from grading or validating."""
        return [finding for finding in self.findings if finding.prevents(purpose)]

    def as_data(self) -> dict[str, Any]:
        return {
            "can_grade": not self.preventing(GRADING),
            "can_validate": not self.preventing(VALIDATING),
            "findings": [
                {"section": section, **finding.as_data()}
                for section, findings in self.sections.items()
                for finding in findings
            ],
            "facts": {name: dict(facts) for name, facts in self.facts.items()},
        }


def examine(root: str | None = None) -> Examination:
    """Look at everything. ``root`` is where the course's files lie, if elsewhere."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        looked = list(threads.map(lambda topic: looked_at(topic, root), TOPICS))
    facts = {topic.module: found for topic, (found, _) in zip(TOPICS, looked, strict=True)}
    findings = {topic.module: found for topic, (_, found) in zip(TOPICS, looked, strict=True)}
    if "isolation" in facts["course"]:
        chosen, wall = facts["course"]["isolation"], facts["sandbox"].get("wall", "")
        findings["sandbox"] = [with_choice(finding, chosen, wall) for finding in findings["sandbox"]]
    sections = {
        section: [finding for topic in topics for finding in findings[topic.module]]
        for section, topics in SECTIONS.items()
    }
    return Examination(facts, sections)


def looked_at(topic: Topic, root: str | None) -> tuple[Facts, list[Finding]]:
    """Facts of a topic and what they mean; where they can't be had, why."""
    about = {"module": topic.module, "arguments": {"root": root} if topic.of_course else {}}
    try:
        answer = own_process.run(f"{__name__}:look", about, "what looks at it", CourseError, seconds=SECONDS)
        return answer["facts"], [Finding(**data) for data in answer["findings"]]
    except CourseError as error:
        why = str(error)
    except (RuntimeError, OSError) as error:  # what is broken can break in ways that nobody foresaw
        why = str(error).strip().splitlines()[-1]
    why = why.rstrip(".") + (f"; is that the fault of {CONFIG}?" if topic.of_course and os.path.exists(CONFIG) else "")
    return {FAILED: why}, [Finding(topic.part, FAILS, f"can't be looked at: {why}", needed_for=topic.needed_for)]


def look(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Runs in a process of its own, as packages that a topic needs may be missing or broken, too."""
    topic = importlib.import_module(f"{__package__}.{module}")
    facts = topic.look(**arguments)
    return {"facts": facts, "findings": [finding.as_data() for finding in topic.judged(facts)]}
