"""Questions to think about between the tasks. Nothing here is graded.

What a reader of this file shouldn't see at a glance, the right letter and the explanation, is written in ROT13
(every letter moved by 13 places); ``codecs.decode(text, "rot13")`` reads it.
"""

import codecs
import textwrap
from dataclasses import dataclass

from exercise_code.errors import ExerciseError

WIDTH = 100


class QuizError(ExerciseError):
    """There is no such question or no such answer."""


@dataclass(frozen=True)
class Question:
    """A question with three answers, one of them right."""

    text: str
    answers: dict[str, str]
    right: str
    why: str


QUESTIONS = {
    "confidence": Question(
        text=(
            "A model gives ŷ = 0.9 to a tumour that turns out benign (y = 0). Another one gives ŷ = "
            "0.99. How do their losses compare?"
        ),
        answers={
            "a": "they are about the same: both are wrong",
            "b": "the second is about twice as large",
            "c": "the second is about ten times as large",
        },
        right="o",
        why=(
            "Gur ybffrf ner −ya 0.1 = 2.3 naq −ya 0.01 = 4.6. Rnpu shegure avar nqqf nabgure 2.3. "
            "Orvat fhere naq jebat pbfgf zber, ohg gur ybtnevguz znxrf vg tebj fybjyl."
        ),
    ),
    "first loss": Question(
        text=("All weights are nearly 0. What will the mean loss be before training?"),
        answers={
            "a": "about 0.69",
            "b": "about 0.5",
            "c": "it depends on the data",
        },
        right="n",
        why=(
            "Jvgu J = 0 rirel ybtvg vf 0 naq rirel cerqvpgvba vf 0.5. Jungrire unccrarq tbg gur "
            "cebonovyvgl 0.5, naq −ya 0.5 = ya 2 = 0.693. Vs lbhe svefg ybff vf fbzrguvat ryfr, ybbx "
            "sbe n zvfgnxr orsber lbh genva."
        ),
    ),
    "saturation": Question(
        text=(
            "A benign tumour (y = 0) gets the logit z = 20. There the slope of the sigmoid is nearly "
            "0. Does this sample still pull on the weights?"
        ),
        answers={
            "a": "hardly: the slope makes its gradient vanish",
            "b": "yes, with full force",
            "c": "yes, and without any bound",
        },
        right="o",
        why=(
            "Gur fybcr ŷ (1 − ŷ) vf gval, ohg gur qrevingvir bs gur ybff, 1 / (1 − ŷ), vf nf uhtr nf "
            "gur fybcr vf gval. Gurve cebqhpg vf nobhg 1, gvzrf gur srngherf bs gur fnzcyr. Gur "
            "ybtnevguz va gur ybff haqbrf gur rkcbaragvny va gur fvtzbvq."
        ),
    ),
    "twice the data": Question(
        text=("Every training sample is put into the data twice. What happens to the mean loss J and to its gradient?"),
        answers={
            "a": "both double",
            "b": "J stays, the gradient doubles",
            "c": "neither changes",
        },
        right="p",
        why=(
            "Fhzf qbhoyr, naq fb qbrf A; gur zrna fgnlf nf vg jnf. Guvf vf jul gur yrneavat engr "
            "arrqa'g or pubfra narj sbe rirel fvmr bs gur qngn, naq jul 1/A vf jbegu univat."
        ),
    ),
    "learning rate": Question(
        text=(
            "The training loss jumps up and down from epoch to epoch and ends higher than it began. "
            "What is the first thing to try?"
        ),
        answers={
            "a": "a smaller learning rate",
            "b": "more epochs",
            "c": "more features",
        },
        right="n",
        why=(
            "Rnpu fgrc birefubbgf gur inyyrl naq ynaqf ba gur bgure fvqr. Zber rcbpuf bayl zrna zber "
            "whzcf. Fubegre fgrcf fgnl va gur inyyrl."
        ),
    ),
    "threshold": Question(
        text=(
            "A miss is much worse than a false alarm. From which predicted probability on should the doctor look again?"
        ),
        answers={
            "a": "from a lower one than 0.5",
            "b": "from 0.5",
            "c": "from a higher one than 0.5",
        },
        right="n",
        why=(
            "Vs n zvff pbfgf gra gvzrf nf zhpu nf n snyfr nynez, ybbxvat ntnva cnlf bss nf fbba nf 10 "
            "ŷ vf zber guna 1 − ŷ, gung vf sebz ŷ = 1/11 ba. Gur zbqry arrqa'g or genvarq narj sbe "
            "gung: guvf vf jung cebonovyvgvrf ner tbbq sbe."
        ),
    ),
}


def ask(name: str, answer: str = "?") -> None:
    """Print the question called ``name``; with an ``answer`` (a letter), also what is right and why.

    Raises
    ------
    QuizError
        If there is no such question, or the answer is none of its letters.
    """
    if name not in QUESTIONS:
        raise QuizError(f"there is no question {name!r}; there are: {', '.join(QUESTIONS)}.")
    question, letter = QUESTIONS[name], str(answer).strip().lower()
    if letter not in ("?", *question.answers):
        raise QuizError(f"{answer!r} is no answer; write one of {', '.join(question.answers)}.")
    print(textwrap.fill(question.text, WIDTH))
    for key, text in question.answers.items():
        print(f"  {'→' if key == letter else ' '} {key}) {text}")
    if letter == "?":
        return
    right = codecs.decode(question.right, "rot13")
    verdict = "Right." if letter == right else f"Not quite: it is {right}."
    print(textwrap.fill(f"{verdict} {codecs.decode(question.why, 'rot13')}", WIDTH))
