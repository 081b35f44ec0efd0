"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Equivalent, Misconception

CATALOGUE = [
    Misconception(
        "test_words",
        "Words with and without capitals are different ones for you. Make all letters small first.",
        {"found = text.lower().split()": "found = text.split()"},
    ),
    Misconception(
        "test_count",
        "Each word is counted once, however often it comes. Add to the number that is there.",
        {"counts[word] = counts.get(word, 0) + 1": "counts[word] = 1"},
    ),
    Misconception(
        "test_most_common",
        "Rare words come first. The most common ones are wanted.",
        {"pairs.sort(key=lambda pair: (-pair[1], pair[0]))": "pairs.sort(key=lambda pair: (pair[1], pair[0]))"},
    ),
]

# What `course prove` finds and no probe can notice, with the reason.
EQUIVALENT = [
    Equivalent("2.0 is the number 2", ["count"], ["counts[word] = counts.get(word, 0.0) + 1"]),
    Equivalent("n is a whole number", ["most_common"], ["if n < 0.5:"]),
    Equivalent(
        "what is sorted or cut stays so",
        ["most_common"],
        ["twice pairs.sort(key=lambda pair: (-pair[1], pair[0]))", "twice pairs = pairs[:n]"],
    ),
    Equivalent(
        "the last entry of a pair is its second",
        ["most_common"],
        ["pairs.sort(key=lambda pair: (-pair[-1], pair[0]))"],
    ),
    Equivalent(
        "pairs that are made before the error is raised are made for nothing",
        ["most_common"],
        ["pairs = list(counts.items()) in the place of if n < 1:"],
    ),
]
