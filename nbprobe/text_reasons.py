"""Says in words how a text, printed lines or an error differ from what was asked for. Never what was asked for."""

import string
from typing import Any

from nbprobe.causes import likely_cause, public_error
from nbprobe.kinds import OUTCOMES, Code, Printed, Raised
from nbprobe.reason import Reason
from nbprobe.reasons import short
from nbprobe.rule import sentence_of

ANOTHER = "The text is another one."
NO_PRINT = Reason("It prints nothing.")
NO_ERROR = Reason("No error is raised for this input, and one is asked for.")
NOT_ASKED = Reason("The result can't be compared with what is asked for.")


def text_reason(value: str, expected: str) -> Reason:
    """The reason why a text isn't the one that was expected."""
    if not value:
        return Reason("The text is empty.")
    if _plain(value) == _plain(expected):
        return Reason(f"Only {_which(value, expected)} differ.")
    same = next((n for n, (a, b) in enumerate(zip(value, expected, strict=False)) if a != b), None)
    if same is None and len(value) < len(expected):
        return Reason.with_numbers("The text ends too early, after {} characters.", len(value))
    if same is None:
        return Reason(f"The text goes on where it should end, with {short(value[len(expected) :])}.", ANOTHER)
    if same == 0:
        return Reason(f"The text is another one: it is {short(value)}.", ANOTHER)
    return Reason(
        f"The text differs from character {same + 1} on, where it goes on with {short(value[same:])}.", ANOTHER
    )


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if not letter.isspace() and letter not in string.punctuation)


def _which(value: str, expected: str) -> str:
    """What two texts differ in that have the same letters and digits."""

    def without(text: str, case: bool, blanks: bool, marks: bool) -> str:
        text = text.casefold() if case else text
        return "".join(
            letter
            for letter in text
            if not (blanks and letter.isspace()) and not (marks and letter in string.punctuation)
        )

    ways = {
        "blanks at the beginning or end": lambda text: text.strip(),
        "upper and lower case letters": str.casefold,
        "blanks or line breaks": lambda text: without(text, False, True, False),
        "punctuation marks": lambda text: without(text, False, False, True),
        "blanks and upper and lower case letters": lambda text: without(text, True, True, False),
        "punctuation marks and blanks": lambda text: without(text, False, True, True),
        "punctuation marks and upper and lower case letters": lambda text: without(text, True, False, True),
    }
    everything = "blanks, punctuation marks and upper and lower case letters"
    return next((what for what, make in ways.items() if make(value) == make(expected)), everything)


def outcome_reason(value: Any, expected: Any) -> Reason | None:
    """The reason why what was printed, raised or found in an answer isn't what was expected; None if it is."""
    if isinstance(expected, Printed) and isinstance(value, Printed):
        return _printed_reason(value, expected)
    if isinstance(expected, Raised) and isinstance(value, Raised):
        return _raised_reason(value.names, expected.names)
    if isinstance(expected, Code) and isinstance(value, Code):
        # a way that breaks the rule, too, is known by how it does
        if {(each.kind, each.about) for each in value.breaks} == {(each.kind, each.about) for each in expected.breaks}:
            return None
        return sentence_of(value.breaks[0]) if value.breaks else NOT_ASKED
    assert isinstance(value, OUTCOMES) or isinstance(expected, OUTCOMES)
    return NOT_ASKED


def _printed_reason(value: Printed, expected: Printed) -> Reason | None:
    lines, wanted = value.lines, expected.lines
    if lines == wanted:
        return None
    if not lines:
        return _no_print(value)
    if not wanted:
        return Reason(f"Nothing is to be printed here; it prints {short(lines[0])}.", "Nothing is to be printed here.")
    if [line for line in lines if line != "None"] == list(wanted):
        return Reason("It prints None, too: is there a `print` around a function that prints by itself?")
    if "".join("".join(lines).split()) == "".join("".join(wanted).split()):
        return Reason("Only blanks or line breaks differ in what it prints.")
    place = next((n for n, (a, b) in enumerate(zip(lines, wanted, strict=False)) if a != b), None)
    if place is None:
        few = "few" if len(lines) < len(wanted) else "many"
        return Reason.with_numbers(f"It prints too {few} lines: {{}}.", len(lines))
    reason = text_reason(lines[place], wanted[place])
    if len(lines) == len(wanted) == 1:
        return Reason(f"What it prints differs. {reason.text}", f"What it prints differs. {reason.general}")
    return Reason(f"Line {place + 1} differs. {reason.text}", f"A line differs. {reason.general}")


def _no_print(value: Printed) -> Reason:
    if not value.returned:
        return NO_PRINT
    return Reason(f"It returns {value.returned} and prints nothing: use `print`.")


def _raised_reason(names: tuple[str, ...], asked: tuple[str, ...]) -> Reason | None:
    if not asked:
        if not names:
            return None
        name, general = names[0], public_error(names[0])
        sentence = "It stops with {}, although this input is no reason for an error. " + likely_cause(name, "")
        return Reason(sentence.format(name).strip(), sentence.format(general).strip())
    if not names:
        return NO_ERROR
    if asked[0] in names:
        return None
    name, general = names[0], public_error(names[0])
    if name in asked:
        sentence = "It stops with {}, which can mean anything; a more special error is asked for."
    else:
        sentence = "It stops with {}, and another error is asked for. " + likely_cause(name, "")
    return Reason(sentence.format(name).strip(), sentence.format(general).strip())
