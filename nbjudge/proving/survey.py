"""What the outcomes of all mutants say of the tests of a notebook."""

import ast
import difflib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbjudge.judging.misconception import Lists, Misconception
from nbjudge.judging.oracle import Answers
from nbjudge.proving.answer import Answer
from nbjudge.proving.mutants import Mutant
from nbjudge.proving.trial import Outcome, judged
from nbprobe.evidence import Raw
from nbprobe.judge import results, same

RULE = "a rule about the code, which no mutant is made to break"


@dataclass(frozen=True)
class Survivor:
    """A mutant that gets all points and isn't listed.

    Attributes
    ----------
    mutant : what it is
    diff : lines of the solution and of the mutant that differ, with - and + before them
    question : what its author should ask
    """

    mutant: Mutant
    diff: str
    question: str


@dataclass(frozen=True)
class ProbeUse:
    """What a hidden probe is good for.

    Attributes
    ----------
    finds, alone : how many mutants and known ways it finds something in, and in how many nobody else does; of a probe
        without points that is a remark
    tells_apart : pairs of misconceptions that only it tells from each other
    excuse : why it is there though it finds nothing alone, if that is listed
    """

    test: str
    probe: str
    finds: int
    alone: int
    tells_apart: int
    excuse: str = ""

    @property
    def is_needed(self) -> bool:
        return bool(self.alone or self.tells_apart)


@dataclass
class Survey:
    """What is known of the tests of a notebook.

    Attributes
    ----------
    notebook : its file name
    mutants : all
    regions : for each answer its name, tests, number of mutants, and of those that lose points, get a remark and are
        listed
    remarked : those that get all points and a remark
    listed : mutants that are listed as equivalent, with the reason
    slow : those that didn't come to their end in time; their points are lost
    spreading : those that also cost points in other tests, with the tests
    unlawful : those about which grade and check differ, with the tests
    stale : what is listed and isn't so
    untested : answers that no test is about
    narrow : misconceptions that only one probe finds, with test and probe
    beyond : misconceptions that the check doesn't find, with the test
    plain : tests without probes, under which nothing can be tried
    """

    notebook: str
    mutants: list[Mutant] = field(default_factory=list)
    regions: list[tuple[str, list[str], int, int, int, int]] = field(default_factory=list)
    remarked: list[Mutant] = field(default_factory=list)
    survivors: list[Survivor] = field(default_factory=list)
    listed: list[tuple[Mutant, str]] = field(default_factory=list)
    slow: list[Mutant] = field(default_factory=list)
    spreading: list[tuple[Mutant, list[str]]] = field(default_factory=list)
    unlawful: list[tuple[Mutant, list[str]]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)
    probes: list[ProbeUse] = field(default_factory=list)
    narrow: list[tuple[str, str, str]] = field(default_factory=list)
    beyond: list[tuple[str, str]] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """How many mutants lose points."""
        return len(self.mutants) - len(self.survivors) - len(self.listed) - len(self.remarked)

    @property
    def idle(self) -> list[ProbeUse]:
        """Probes that find nothing alone, and aren't excused."""
        return [probe for probe in self.probes if not probe.is_needed and not probe.excuse]

    @property
    def is_proven(self) -> bool:
        """Whether there is nothing to do."""
        return not (
            self.survivors or self.spreading or self.unlawful or self.stale or self.untested or self.idle
        ) and bool(self.mutants)

    def __str__(self) -> str:
        numbers = [f"{self.lost} lose points"]
        numbers += [f"{len(self.remarked)} get a remark"] if self.remarked else []
        numbers.append(f"{len(self.listed)} listed as equivalent")
        numbers += [f"{len(self.survivors)} get all of them"] if self.survivors else []
        return f"{len(self.mutants)} mutants: {', '.join(numbers)}"


def survey(
    notebook: str,
    answers: Sequence[Answer],
    mutants: Sequence[Mutant],
    outcomes: dict[str, Outcome],
    oracle: Answers,
    own: dict[str, list[str]],
    lists: Lists,
) -> Survey:
    """Look at all outcomes.

    Parameters
    ----------
    own
        The tests of each answer, by its name.
    """
    found = Survey(notebook, list(mutants), plain=list(oracle.plain))
    found.untested = [name for name, tests in own.items() if not tests]
    texts = {answer.cell: ast.unparse(answer.tree) for answer in answers if answer.tree}
    reasons = {key: known.reason for known in lists.equivalent for key in known.keys}
    for mutant in mutants:
        tests = outcomes[mutant.key].tests
        found.slow += [mutant] if outcomes[mutant.key].slow else []
        if tests is None:
            continue
        if all(seen.full for seen in tests.values()):
            if any(seen.remarks for seen in tests.values()):
                found.remarked.append(mutant)
            elif mutant.key in reasons:
                found.listed.append((mutant, reasons[mutant.key]))
            else:
                found.survivors.append(_survivor(mutant, texts[mutant.cell]))
        if others := [test for test, seen in tests.items() if not seen.full and test not in own[mutant.answer]]:
            found.spreading.append((mutant, others))
        if differ := [test for test, seen in tests.items() if seen.checked is not None and seen.full != seen.checked]:
            found.unlawful.append((mutant, differ))
    names = {answer.name for answer in answers}
    known_here = {key for key in reasons if key.partition(": ")[0] in names}
    alive = {mutant.key for mutant, _ in found.listed}
    found.stale = [
        f"{key!r} is listed as equivalent, but no mutant that gets all points, without a remark, is that"
        for key in sorted(known_here - alive)
    ]
    found.regions = [_region(name, own[name], found) for name in own]
    _look_at_probes(found, outcomes, oracle, lists)
    return found


def tests_of(
    answer: Answer,
    answers: Sequence[Answer],
    oracle: Answers,
    ways: Sequence[Misconception],
    below: dict[str, list[str]],
) -> list[str]:
    """The tests that an answer is judged by.

    These are the tests whose checks name it, or whose misconceptions change it, or else those ``below`` its cell and
    above the next one with an answer.
    """
    known = list(oracle.solution)
    method = answer.name.partition(" (")[0]
    named = [test for test in known if oracle.headings.get(test, ("", ""))[1] == method]
    if named:
        return named
    lines = {line.strip() for line in answer.lines}
    about = {way.test for way in ways if all(line in lines for line in way.replaced)} - _named(answers, oracle)
    changed = [test for test in known if test in about]
    return changed or [test for test in known if test in below.get(answer.cell, [])]


def _named(answers: Sequence[Answer], oracle: Answers) -> set[str]:
    """Tests whose checks name an answer."""
    names = {answer.name for answer in answers}
    return {test for test, (_, method) in oracle.headings.items() if method in names}


def _region(name: str, tests: list[str], found: Survey) -> tuple[str, list[str], int, int, int, int]:
    own = [mutant for mutant in found.mutants if mutant.answer == name]
    listed = sum(mutant.answer == name for mutant, _ in found.listed)
    alive = sum(survivor.mutant.answer == name for survivor in found.survivors)
    remarked = sum(mutant.answer == name for mutant in found.remarked)
    return name, tests, len(own), len(own) - listed - alive - remarked, remarked, listed


def _survivor(mutant: Mutant, text: str) -> Survivor:
    before, after = text.split("\n"), mutant.text.split("\n")
    lines = [line for line in list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:] if line[:2] != "@@"]
    gone, new = ([line[1:].strip() for line in lines if line[0] == sign] for sign in "-+")
    if mutant.kind == "statement dropped":
        said = f"{mutant.statement.removeprefix('without ')} is gone"
    elif mutant.kind == "statement twice":
        said = f"{mutant.statement.removeprefix('twice ')} is done twice"
    elif mutant.kind == "statements swapped":
        said = f"{mutant.statement.replace(' in the place of ', ' and ')} have changed places"
    else:
        said = f"{'; '.join(gone)} has become {'; '.join(new)}"
    return Survivor(mutant, "\n".join(lines), f"No probe notices that {said}. Should one?")


def _look_at_probes(found: Survey, outcomes: dict[str, Outcome], oracle: Answers, lists: Lists) -> None:
    """What each hidden probe finds."""
    excuses = {(known.test, known.probe): known.reason for known in lists.redundant}
    for test, expected in oracle.solution.items():
        names = [raw["name"] for raw in expected]
        deciding = [raw["name"] for raw in expected if raw["points"]]
        rules = [raw["name"] for raw in expected if "rule" in raw]
        fragile = oracle.fragile[test]
        seen = [outcome.tests[test] for outcome in outcomes.values() if outcome.tests and test in outcome.tests]
        known = [(sentence, judged(expected, raws, fragile)) for sentence, raws in oracle.misconceptions[test]]
        remarked = [judged(expected, raws, fragile)[2] for _, raws in fragile]
        found.narrow += [(test, sentence, wrong[0]) for sentence, (_, wrong, _) in known if len(wrong) == 1]
        found.beyond += [(test, sentence) for sentence in _not_checked(oracle, test)]
        pairs = _told_apart_by_one(expected, oracle.misconceptions[test])
        every = [*(one.wrong for one in seen), *(wrong for _, (_, wrong, _) in known)]
        noted = [*(one.remarks for one in seen), *remarked]
        for name in names:
            said = every if name in deciding else noted
            alone = sum(probes == [name] for probes in said)
            finds, apart = sum(name in probes for probes in said), pairs.count(name)
            own = RULE if name in rules else ""
            use = ProbeUse(test, name, finds, alone, apart, excuses.get((test, name), own))
            found.probes.append(use)
            if (test, name) in excuses and use.is_needed:
                found.stale.append(
                    f"the probe {name!r} of {test} is listed as redundant, but it finds what no other does"
                )
        gone = (probe for about, probe in excuses if about == test and probe not in names)
        found.stale += [f"the probe {probe!r} of {test} is listed as redundant, but there is none" for probe in gone]


def _not_checked(oracle: Answers, test: str) -> list[str]:
    """Sentences of misconceptions with which the check is content."""
    own = oracle.visible.get(test)
    if own is None:
        return []
    return [sentence for sentence, raws in own.misconceptions if judged(own.solution, raws, own.fragile)[0]]


def _told_apart_by_one(expected: Raw, ways: Sequence[tuple[str, Raw]]) -> list[str]:
    """For each pair of misconceptions that differ in the result of one probe only, its name."""
    deciding = [raw["name"] for raw in expected if raw["points"]]
    seen = [(sentence, results(expected, raws)) for sentence, raws in ways]
    names = []
    for (first, one), (second, other) in itertools.combinations(seen, 2):
        if first != second:
            differ = [name for name, a, b in zip(deciding, one, other, strict=True) if not same([a], [b])]
            names += differ if len(differ) == 1 else []
    return names
