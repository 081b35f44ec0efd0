"""What comes out of a student's process is read with care: nonsense earns nothing and stops nothing."""

import base64
import json
import math
import os
import random
import signal
import time
import tracemalloc
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from nbformat import NotebookNode

from nbprobe import probe as probe_module
from nbprobe.errors import FormError
from nbprobe.evidence import Evidence, Kept, published, read_evidence
from nbprobe.judge import compare, judge
from nbprobe.probe import TooSlowError, probe
from nbprobe.wire import MAX_BYTES, MAX_DEPTH, MAX_ENCODED, MAX_ITEMS, MAX_NUMBERS, MIME, decode, encode

common = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# keys and words that mean something to the reader, so that nonsense gets past the first line of it
WORDS = ["kind", "data", "name", "value", "dtype", "shape", "error", "message", "changed", "points", "type"]
KINDS = ["none", "bool", "string", "number", "array", "list", "tuple", "dict", "too large", "not data"]
KINDS += ["set", "printed", "raised", "code"]
words = st.sampled_from([*WORDS, *KINDS, "a", "b", "<f8", "<i4", "|b1", "|O", "nan", "AAAA", "", "NotReadyError"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | words
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6), max_leaves=20
)
values = st.fixed_dictionaries({"kind": st.sampled_from(KINDS) | documents}, optional={"data": documents})
arrays = st.fixed_dictionaries(
    {
        "kind": st.just("array"),
        "dtype": st.sampled_from(["<f8", "<f2", "<u8", "|b1", "<c16", "|O", ">f8", "<U4"]) | documents,
        "shape": st.lists(st.integers(-2, 10**7) | scalars, max_size=9) | documents,
        "data": st.binary(max_size=24).map(lambda content: base64.b64encode(content).decode()) | documents,
    }
)
lists = st.fixed_dictionaries({"kind": st.sampled_from(["list", "tuple", "dict"]), "data": st.lists(values | arrays)})
claims = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b"]) | documents},
    optional={
        "value": values | arrays | lists | documents,
        "error": documents,
        "message": documents,
        "changed": documents,
        "points": st.just(1000) | documents,
        "core": documents,
    },
)


def evidence_of(name: str, value: Any, points: float = 1.0, core: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "points": points,
        "core": core,
        "advice": "",
        "value": encode(value),
        "changed": False,
    }


# nobody gets this array by chance
SECRET = np.random.default_rng(0).normal(size=(3, 2))
EXPECTED = [evidence_of("a", SECRET, 2.0, core=True), evidence_of("b", SECRET[:, 0])]


@common
@given(st.dictionaries(words, documents) | claims)
def test_nonsense_is_read_or_refused(raw: dict[str, Any]) -> None:
    try:
        evidence = read_evidence(raw)
    except FormError:
        return
    assert isinstance(evidence, Evidence)
    sentences = [evidence.error, *(evidence.trouble.as_data().values() if evidence.trouble else [])]
    json.dumps(sentences).encode()
    "".join(sentences).encode("utf-8")


@common
@given(st.lists(claims | st.dictionaries(words, documents), max_size=4))
def test_nonsense_earns_nothing(got: list[dict[str, Any]]) -> None:
    verdict = judge(EXPECTED, got, 3.0, [("a misconception", [evidence_of("a", 0.0), evidence_of("b", 0.0)])])
    assert verdict.score == 0
    assert all(row.points == 0 for row in verdict.rows)
    for row in verdict.rows:
        row.reason.text.encode("utf-8")


@common
@given(st.lists(st.dictionaries(st.sampled_from(["output_type", "data", MIME]), documents | claims)))
def test_only_displayed_data_is_evidence(outputs: list[dict[str, Any]]) -> None:
    for raw in published(map(NotebookNode, outputs)):
        assert isinstance(raw, dict)


@common
@given(
    hnp.arrays(
        dtype=hnp.floating_dtypes(sizes=(16, 32, 64))
        | hnp.integer_dtypes(endianness="?")
        | hnp.unsigned_integer_dtypes()
        | hnp.boolean_dtypes(),
        shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_arrays_come_back(array: np.ndarray) -> None:
    back = read_evidence({"value": json.loads(json.dumps(encode(array)))}).value
    if array.shape == () and array.dtype.kind == "b":
        assert back is bool(array)  # as a number of no axes counts as that number
        return
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(back, array)


@common
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**290), 10**290) | st.floats() | st.text(max_size=60),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=20,
    ).filter(lambda value: _depth(value) <= MAX_DEPTH)
)
def test_plain_values_come_back(value: Any) -> None:
    back = read_evidence({"value": json.loads(json.dumps(encode(value)))}).value
    assert repr(back) == repr(value)


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def test_tuples_dicts_and_scalars_of_numpy_come_back() -> None:
    back = read_evidence({"value": encode({"a": (1, 2.5), 3: [True, None]})}).value
    assert repr(back) == repr({"a": (1, 2.5), 3: [True, None]})
    assert read_evidence({"value": encode(np.float32(0.5))}).value == 0.5
    assert read_evidence({"value": encode(np.longdouble(0.25))}).value == 0.25
    assert read_evidence({"value": encode(2**80 + 1)}).value == 2**80 + 1
    assert encode(-(2**80)) == {"kind": "number", "data": "-1208925819614629174706176"}
    for value in ({1, "a", (True, None)}, {(0, 1): "x"}, set(), frozenset({2})):
        assert read_evidence({"value": json.loads(json.dumps(encode(value)))}).value == value
    strided, fortran = np.arange(12.0).reshape(3, 4)[::-1, ::2], np.asfortranarray(np.arange(6).reshape(2, 3))
    for array in (strided, fortran, strided.astype(">f4")):
        np.testing.assert_array_equal(read_evidence({"value": encode(array)}).value, array)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_word_for_comes_back(number: float) -> None:
    text = json.dumps(encode([number, np.array([number])]), allow_nan=False)
    back = read_evidence({"value": json.loads(text)}).value
    np.testing.assert_equal(back, [number, np.array([number])])


def test_nan_and_inf_equal_only_themselves() -> None:
    expected = np.array([1.0, math.nan, math.inf])
    assert compare(expected.copy(), expected) is None
    assert compare(np.array([math.nan, 1.0, math.inf]), expected) is not None
    assert compare(np.array([1.0, math.nan, -math.inf]), expected) is not None
    assert compare(np.full(3, math.nan), np.arange(3.0)) is not None
    assert compare(np.full(3, math.inf), np.arange(3.0)) is not None


NOT_DATA = [object(), 1j, b"bytes", lambda: 0, np.array([1j]), np.array(["a"]), np.array([None]), range(3)]


@pytest.mark.parametrize("value", NOT_DATA, ids=lambda value: type(value).__name__)
def test_what_is_no_data_is_called_so(value: Any) -> None:
    assert encode(value)["kind"] == "not data"
    assert "The result is no number or array" in read_evidence({"value": encode(value)}).trouble.text


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


ROW = [0] * 1000
TOO_LARGE = {
    "an array": np.zeros(MAX_BYTES),
    "many arrays": [np.zeros(MAX_BYTES // 80)] * 11,
    "a long list": [0] * (MAX_ITEMS + 1),
    "a list of the same list": [ROW] * 1000,
    "a deep list": nested(10**5),
    "a long text": "x" * 1001,
    "a long text in a list": ["x" * 1001],
    "a long text in a list of everything": ["x" * 1000, *[0.0] * 10_000],
    "a long number in a list": [10**300],
    "a long number": 10**5000,
    "a broadcast array": np.broadcast_to(np.float64(1), (10**6, 10**6)),
}
TOO_LARGE["a list that holds itself"] = endless = []
endless.append(endless)


@pytest.mark.parametrize("what", TOO_LARGE)
def test_what_is_too_large_is_not_sent(what: str) -> None:
    encoded = encode(TOO_LARGE[what])
    assert encoded["kind"] == "too large"
    assert len(json.dumps(encoded)) < 100
    assert read_evidence({"value": encoded}).trouble.text == "The result is too large."


def test_the_largest_that_is_sent_is_read() -> None:
    largest = [np.zeros(MAX_BYTES // 8), [0] * (MAX_ITEMS - 1), [np.zeros(10, dtype="i1")] * (MAX_ITEMS - 1)]
    for value in largest:
        encoded = encode(value)
        assert encoded["kind"] != "too large"
        assert len(read_evidence({"value": encoded}).value) == len(value)


def array_claim(dtype: Any = "<f8", shape: Any = (), data: Any = "AAAAAAAAAAA=") -> dict[str, Any]:
    return {"kind": "array", "dtype": dtype, "shape": shape, "data": data}


def list_claim(*items: Any, levels: int = 1) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": "list", "data": list(items)}
    for _ in range(levels - 1):
        value = {"kind": "list", "data": [value]}
    return value


def deep_json(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


NUMBER = {"kind": "number", "data": 1.0}
HOSTILE: dict[str, Any] = {
    "nothing": None,
    "no kind": {},
    "an unknown kind": {"kind": "pickle", "data": "gASVAAAA"},
    "a kind that is a list": {"kind": ["array"], "data": 1},
    "a bool as a number": {"kind": "number", "data": True},
    "a number as a bool": {"kind": "bool", "data": 1},
    "a dtype of objects": array_claim(dtype="|O"),
    "a dtype that is a list": array_claim(dtype=["<f8"]),
    "a structured dtype": array_claim(dtype="<f8,<f8"),
    "an endless dtype": array_claim(dtype="<U99999999"),
    "a shape that is larger than its data": array_claim(shape=[2]),
    "a shape that overflows": array_claim(shape=[2**32, 2**32]),
    "a shape whose product wraps around to 1": array_claim(shape=[2**63, 2, 1]),
    "a negative shape": array_claim(shape=[-1]),
    "two negative sides": array_claim(shape=[-1, -1]),
    "a shape of fractions": array_claim(shape=[1.0]),
    "a shape of bools": array_claim(shape=[True]),
    "nothing in endless dimensions": array_claim(shape=[0, *[10**6] * 7], data=""),
    "too many dimensions": array_claim(shape=[1] * 9),
    "no base64": array_claim(shape=[1], data="%%%%%%%%%%%="),
    "base64 of another alphabet": array_claim(shape=[1], data="é" * 12),
    "bytes that don't fit": array_claim(shape=[1], data="AAAA"),
    "base64 beyond the limit": array_claim(dtype="|u1", shape=[2 * MAX_BYTES], data="A" * (MAX_ENCODED + 1)),
    "many arrays within the limit": list_claim(*[array_claim(shape=[10**5], data="A" * 1066668)] * 3),
    "a deep value": list_claim(NUMBER, levels=MAX_DEPTH + 1),
    "a long list": list_claim(*[NUMBER] * (MAX_ITEMS + 1)),
    "a dict that is a list": {"kind": "dict", "data": [1, 2]},
    "a long text": {"kind": "string", "data": "x" * 1001},
    "a long text as a key": {"kind": "dict", "data": [[{"kind": "string", "data": "x" * 1001}, NUMBER]]},
    "a key that is there twice": {"kind": "dict", "data": [[NUMBER, NUMBER]] * 2},
    "two keys that are one to Python": {"kind": "dict", "data": [[NUMBER, NUMBER], [encode(True), NUMBER]]},
    "a dict with an array as a key": {"kind": "dict", "data": [[encode(np.zeros(1)), NUMBER]]},
    "a dict with a list in a key": {
        "kind": "dict",
        "data": [[{"kind": "tuple", "data": [{"kind": "list", "data": []}]}, NUMBER]],
    },
    "a dict with a deep key": {
        "kind": "dict",
        "data": [[{"kind": "tuple", "data": [{"kind": "tuple", "data": [encode(())]}]}, NUMBER]],
    },
    "a set of lists": {"kind": "set", "data": [list_claim(NUMBER)]},
    "a set that is a number": {"kind": "set", "data": 1},
    "a dict as a set": {"kind": "set", "data": [{"kind": "dict", "data": []}]},
    "printed numbers": {"kind": "printed", "data": [1], "returned": ""},
    "a long printed line": {"kind": "printed", "data": ["x" * 1001], "returned": ""},
    "printed without lines": {"kind": "printed", "returned": ""},
    "an error of many classes": {"kind": "raised", "data": ["ValueError"] * 100},
    "an error of no class": {"kind": "raised", "data": None},
    "a break of an unknown kind": {"kind": "code", "data": [["loops", "", "", "", 1]]},
    "a break without a line": {"kind": "code", "data": [["loop", "", "", ""]]},
    "a break in a line that is a text": {"kind": "code", "data": [["loop", "", "", "", "1"]]},
    "breaks without end": {"kind": "code", "data": [["loop", "", "", "", 1]] * 100},
    "an array of a million times a million empty rows": {**encode(np.zeros((0, 0))), "shape": [10**6, 10**6, 0]},
    "arrays of many empty rows": list_claim(*[{**encode(np.zeros((0, 0))), "shape": [40_000, 0]}] * 3),
    "a dict with a list as a key": {"kind": "dict", "data": [[list_claim(NUMBER), NUMBER]]},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_value_is_refused(what: str) -> None:
    with pytest.raises(FormError):
        read_evidence({"value": HOSTILE[what]})


HOSTILE_CLAIMS: dict[str, dict[str, Any]] = {
    "a deep name": {"name": deep_json(900), "value": encode(SECRET)},
    "a deep error": {"name": "a", "error": deep_json(900)},
    "a deep message": {"name": "a", "error": "ValueError", "message": deep_json(900)},
    "a long number as the error": {"name": "a", "error": 10**5000},
    "half a letter in the message": {"name": "a", "error": "ValueError", "message": "\ud800 \x00 \x1b[2J"},
    "half a letter in the type": {"name": "a", "value": {"kind": "not data", "type": "\udfff"}},
    "a deep type": {"name": "a", "value": {"kind": "not data", "type": deep_json(900)}},
    "a long text in a long list": {
        "name": "a",
        "value": list_claim({"kind": "string", "data": "x" * 10**6}, *[{"kind": "string", "data": ""}] * 90_000),
    },
    "a list of lists of unequal length": {"name": "a", "value": encode([[1], [1, 2]])},
    "a list of everything": {"name": "a", "value": encode([1, "a", None, {"b": True}, [SECRET]])},
    "the largest numbers": {"name": "a", "value": encode(np.full((3, 2), 1e308))},
    "the smallest numbers": {"name": "a", "value": encode(np.full((3, 2), 5e-324))},
    "nothing in six columns": {"name": "a", "value": encode(np.zeros((0, 6)))},
    "a number that is no number": {"name": "a", "value": {"kind": "number", "data": "four"}},
    "a number without end": {"name": "a", "value": {"kind": "number", "data": 10**400}},
    "bools": {"name": "a", "value": encode(np.full((3, 2), True))},
    "a list of causes": {"name": "a", "error": "ValueError", "message": "", "cause": []},
    "a dict for a cause": {"name": "a", "error": "ValueError", "message": "", "cause": {"a": 1}},
    "points of its own": {"name": "a", "points": 99, "core": False, "value": encode(SECRET + 1)},
    "a score": {"name": "a", "score": 3, "value": encode(3.0)},
}


@pytest.mark.parametrize("what", HOSTILE_CLAIMS)
def test_a_hostile_claim_earns_nothing_and_harms_nothing(what: str) -> None:
    begin = time.process_time()
    verdict = judge(EXPECTED, [HOSTILE_CLAIMS[what], EXPECTED[1]], 3.0, [("no", [evidence_of("a", 1.0), EXPECTED[1]])])
    assert verdict.score == 0  # the second probe is right, but counts only together with the first
    reasons = "".join(row.reason.text + row.reason.general for row in verdict.rows)
    reasons.encode("utf-8")
    assert "\x1b" not in reasons
    assert time.process_time() - begin < 2


def test_arrays_beside_a_long_text_take_no_more_room_than_they_are() -> None:
    """In an array of all of them, numpy would give each number the room of the text."""
    value = encode([np.zeros(1000, "u1")] * 100 + [["x" * 1000, *[""] * 999]])
    fragile = [("nearly", [evidence_of("a", 1.0), EXPECTED[1]])]
    tracemalloc.start()
    try:
        verdict = judge(EXPECTED, [{"name": "a", "value": value}, EXPECTED[1]], 3.0, [], fragile=fragile)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert verdict.score == 0
    assert most < 20 * 2**20


def test_right_evidence_earns_its_points() -> None:
    assert judge(EXPECTED, EXPECTED, 3.0, []).score == 3
    assert judge(EXPECTED, EXPECTED[:1], 3.0, []).score == 2
    assert judge(EXPECTED, EXPECTED[::-1], 3.0, []).score == 3


def test_a_core_probe_voids_the_others() -> None:
    assert judge(EXPECTED, EXPECTED[1:], 3.0, []).score == 0


def test_nothing_counts_that_is_there_twice() -> None:
    assert judge(EXPECTED, [*EXPECTED, EXPECTED[1]], 3.0, []).score == 2
    assert judge(EXPECTED, [*EXPECTED, EXPECTED[0]], 3.0, []).score == 0
    wrong = EXPECTED[1] | {"value": encode(0.0)}
    assert judge(EXPECTED, [*EXPECTED, wrong], 3.0, []).score == 2


@pytest.mark.parametrize("factor", [1 + 1e-4, 1 - 1e-4, 1.01, -1, 0])
def test_the_tolerance_is_narrow(factor: float) -> None:
    got = [EXPECTED[0] | {"value": encode(SECRET * factor)}, EXPECTED[1]]
    assert judge(EXPECTED, got, 3.0, []).score == 0


def test_rounding_is_forgiven() -> None:
    got = [EXPECTED[0] | {"value": encode(SECRET * (1 + 1e-7))}, EXPECTED[1]]
    assert judge(EXPECTED, got, 3.0, []).score == 3


@pytest.mark.parametrize(
    "value",
    [SECRET.T, SECRET.ravel(), SECRET[None], SECRET[:2], SECRET[0, 0], SECRET > 0, SECRET.astype(str).tolist(), None],
    ids=["transposed", "flat", "one dimension more", "a part", "a number", "bools", "texts", "None"],
)
def test_shape_and_kind_must_fit(value: Any) -> None:
    assert compare(read_evidence({"value": encode(value)}).value if value is not None else None, SECRET) is not None


def test_bools_are_not_numbers() -> None:
    ones = np.ones((2, 1))
    for value in (True, [[True], [True]], ones > 0):
        assert "must be an array of numbers" in compare(value, ones).text
    assert compare(1.0, True) is not None
    assert compare(np.array(True), True) is not None
    assert compare(True, True) is None


class Lying(np.ndarray):
    """An array that says what one wants to hear."""

    def __eq__(self, other: object) -> bool:
        return True

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        return np.ones(3)

    shape = property(lambda self: (3, 2))
    dtype = property(lambda self: np.dtype("f8"))
    nbytes = 0

    def tobytes(self, *args: Any) -> bytes:
        return SECRET.tobytes()


def test_a_subclass_of_an_array_is_its_bytes() -> None:
    encoded = encode(np.zeros(5).view(Lying))
    np.testing.assert_array_equal(read_evidence({"value": encoded}).value, np.zeros(5))


def test_subclasses_of_plain_types_are_not_data() -> None:
    for base in (int, float, str, list, tuple, dict):
        assert encode(type("Mine", (base,), {})())["kind"] == "not data"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What probes publish."""
    kept: list[dict[str, Any]] = []
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(probe_module, "display", lambda data, raw: kept.append(data[MIME]))
    return kept


def test_a_probe_is_silent_outside_grading(seen: list, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("validate", "", "1"):
        monkeypatch.setenv("NBGRADER_EXECUTION", value)
        probe("x", lambda: pytest.fail("called"))
    monkeypatch.delenv("NBGRADER_EXECUTION")
    probe("x", lambda: pytest.fail("called"))
    assert seen == []


class Rude(BaseException):
    def __str__(self) -> str:
        raise SystemExit


class Meta(type):
    @property
    def __name__(cls) -> str:
        raise SystemExit


class Nameless(BaseException, metaclass=Meta):
    pass


@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(), KeyboardInterrupt(), GeneratorExit(), Rude(), Nameless()]
)
def test_a_probe_goes_on_after_any_error(seen: list, error: BaseException) -> None:
    def fail() -> None:
        raise error

    probe("x", fail)
    probe("y", lambda: 1)
    assert [each["name"] for each in seen] == ["x", "y"]
    assert seen[0]["error"] in {"ValueError", "SystemExit", "KeyboardInterrupt", "GeneratorExit", "Rude", "Nameless"}


def test_endless_recursion_is_an_error(seen: list) -> None:
    def again() -> None:
        again()

    probe("x", again)
    assert seen[0]["error"] == "RecursionError"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no alarm clock here")
def test_a_slow_function_is_stopped(seen: list, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "SECONDS", 0.1)
    probe("x", time.sleep, 10)
    probe("y", lambda: 1)
    assert seen[0]["error"] == TooSlowError.__name__
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert "value" in seen[1]


def test_changes_of_arguments_are_noted(seen: list) -> None:
    a, watched = np.arange(3.0), np.array([math.nan, 1.0])
    probe("x", lambda b: b.fill(7), a)
    probe("y", lambda: watched.fill(0), watch=[watched])
    probe("z", lambda b: b + 1, a, watch=[a])
    assert [each["changed"] for each in seen] == [True, True, False]
    np.testing.assert_array_equal(a, np.arange(3.0))


def test_a_probe_leaves_the_environment_alone(seen: list) -> None:
    with mock.patch.dict(os.environ):
        before = dict(os.environ)
        probe("x", lambda: 1)
        assert dict(os.environ) == before
    assert json.loads(json.dumps(seen[0], allow_nan=False)) == seen[0]


def numbers_that_meet(most: int) -> list[int]:
    """Numbers of different hashes for which Python looks in the same places of a table of 2**13."""
    mask, inverse, found, choose = 2**13 - 1, pow(5, -1, 2**13), set[int](), random.Random(0)
    while len(found) < most:
        number, place = 0, 1234 * inverse & mask  # from the last place backwards: place = 5 * before + number + 1
        for _ in range(11):
            number = number << 5 | choose.randrange(32)
            place = (place - number - 1) * inverse & mask
        if number & mask >> 5 == place >> 5:
            found.add(number << 5 | place & 31)
    return sorted(found)


@pytest.mark.parametrize("kind", ["set", "dict", "tuples"])
def test_numbers_made_to_meet_are_no_keys(kind: str) -> None:
    """Python would look through all of them for each. Among 50,000 numbers, 18,000 of these took two seconds."""
    numbers = [*range(MAX_NUMBERS), *numbers_that_meet(50)]
    assert len(set(map(hash, numbers))) == len(numbers)
    parts = [{"kind": "number", "data": str(number)} for number in numbers]
    if kind == "tuples":
        parts = [{"kind": "tuple", "data": [part, {"kind": "string", "data": ""}]} for part in parts]
    data = [[part, {"kind": "none"}] for part in parts] if kind == "dict" else parts
    with pytest.raises(FormError):
        decode({"kind": "dict" if kind == "dict" else "set", "data": data})


@pytest.mark.parametrize("value", [set(range(MAX_NUMBERS + 1)), dict.fromkeys(range(MAX_NUMBERS + 1), 0.5)])
def test_a_probe_says_itself_that_there_are_too_many_numbers(value: Any) -> None:
    assert encode(value) == {"kind": "too large"}


@pytest.mark.parametrize(
    "value",
    [
        set(range(MAX_NUMBERS)),
        {str(number) for number in range(3 * MAX_NUMBERS)},
        {("a", str(number)): number for number in range(3 * MAX_NUMBERS)},
        list(range(3 * MAX_NUMBERS)),
    ],
)
def test_texts_as_keys_may_be_many(value: Any) -> None:
    assert decode(encode(value)) == value


def test_what_is_kept_is_read_once_and_to_the_same() -> None:
    raw = {"name": "a", "value": encode(np.arange(3.0)), "otherwise": {"value": encode(np.arange(2.0))}}
    kept = Kept(raw)
    assert kept == raw
    for has_second in (False, True):
        read = read_evidence(kept, has_second=has_second)
        once = read_evidence(raw, has_second=has_second)
        assert read_evidence(kept, has_second=has_second) is read
        assert read.value.tolist() == once.value.tolist()
        assert (read.otherwise is None) == (once.otherwise is None) == (not has_second)
