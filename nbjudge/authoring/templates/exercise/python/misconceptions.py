"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Misconception

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
