"""x"""

from nbprobe.kinds import Break
from nbprobe.reasons import Reason


def sentence_of(each: Break) -> Reason:
    return Reason(each.kind)
