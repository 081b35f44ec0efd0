"""What keeps the probes of a notebook from being graded by, as the evidence of its solution shows it."""

from collections.abc import Iterator

from nbjudge.judging.rehearsal import Rehearsal
from nbjudge.judging.trouble import Trouble
from nbjudge.sandbox.channel import MAX_OUTPUTS
from nbprobe.evidence import Raw
from nbprobe.rules import broken


def probe_troubles(
    name: str, rehearsal: Rehearsal, hidden: Raw, hidden_again: Raw, visible: Raw, visible_again: Raw
) -> Iterator[Trouble]:
    """What keeps the probes of a test cell from being graded by, or the visible ones from being judged by."""
    maximum, total = rehearsal.points[name], sum(raw["points"] for raw in hidden)
    if abs(total - maximum) > 1e-9:
        yield Trouble(f"the probes of {name} give {total:g} points, but the cell is worth {maximum:g}.", name)
    for kind, raws, again in (("probe", hidden, hidden_again), ("visible probe", visible, visible_again)):
        if len(raws) > MAX_OUTPUTS:
            what = (
                f"{name} has {len(raws)} {kind}s; of one cell no more than {MAX_OUTPUTS} are read, so make it several."
            )
            yield Trouble(what, name)
            continue
        names = [raw["name"] for raw in raws]
        for twice in sorted({each for each in names if names.count(each) > 1}):
            line = rehearsal.line_of(name, twice, kind != "probe")
            yield Trouble(f"two {kind}s of {name} have the same name; give each its own.", name, line)
        for place, raw in enumerate(raws):
            line = rehearsal.line_of(name, raw["name"], kind != "probe")
            if "error" in raw:
                said = f"{raw['error']}: {raw['message']}"
                yield Trouble(f"the solution fails in the {kind} {raw['name']!r} of {name}: {said}", name, line)
            elif kind == "probe" and raw["value"]["kind"] in ("not data", "too large"):
                sentence = f"the probe {raw['name']!r} of {name} gives no data that can be compared."
                yield Trouble(sentence, name, line)
            elif why := broken(raw):
                yield Trouble(f"the solution doesn't keep the rule {raw['name']!r} of {name}: {why}", name, line)
            elif raw not in again[place : place + 1] or len(again) > len(raws) == place + 1:
                what = f"a {kind} of {name} gives something else each time; draw its inputs from a fixed seed."
                yield Trouble(what, name, line)
