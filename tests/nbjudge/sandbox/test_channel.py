"""The reader of what comes out of the sandbox: nothing that is written there may do more than spoil its own result."""

import json
import tracemalloc
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbjudge.sandbox.channel import MAX_LINE, Channel, ChannelError
from nbjudge.sandbox.inside.needed import EVIDENCE
from nbprobe.wire import MIME

TRIES = 500
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "x" * 10**4]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
MIMES = ["text/plain", "text/html", "image/png", "../x", "a/b+json", "image/json", "text/json", "application/xjson"]
MIMES += ["application/json", "application/x+json"]
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "output_type": st.sampled_from(["stream", "display_data", "execute_result", "error", "x"]) | JSON,
        "name": st.sampled_from(["stdout", "stderr"]) | JSON,
        "text": JSON,
        "data": st.dictionaries(st.sampled_from(MIMES), JSON) | JSON,
        "metadata": JSON,
        "ename": JSON,
        "evalue": JSON,
        "traceback": JSON | st.lists(st.text()) | st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
        "execution_count": JSON,
    },
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(-1, 5) | JSON,
        "cell": st.integers(-1, 5) | JSON,
        "outputs": st.lists(OUTPUT, max_size=4) | JSON,
        "count": JSON,
        "end": st.booleans() | JSON,
        "complaint": JSON,
    },
)
LINES = st.lists(st.binary(max_size=60) | MESSAGE.map(lambda message: json.dumps(message).encode()), max_size=12)


def fed(*pieces: bytes, cells: tuple[int, ...] = (1, 2, 4)) -> Channel:
    channel = Channel(cells, max_line=10**6, max_total=10**7)
    for piece in pieces:
        channel.feed(piece)
    return channel


def line(**message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


@settings(max_examples=TRIES, deadline=None)
@given(LINES, st.integers(1, 50))
def test_whatever_is_written_the_results_make_a_valid_notebook(lines: list[bytes], size: int) -> None:
    data = b"\n".join(lines) + b"\n"
    channel = fed(*(data[start : start + size] for start in range(0, len(data), size)))
    assert set(channel.results) <= {1, 2, 4}
    cells = []
    for result in channel.results.values():
        cells.append(nbformat.v4.new_code_cell(outputs=result.outputs, execution_count=result.count))
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


@settings(max_examples=TRIES, deadline=None)
@given(LINES)
def test_what_came_before_a_cell_doesn_t_spoil_a_result_that_is_still_to_come(lines: list[bytes]) -> None:
    forged = b"\n".join(text for text in lines if b"start" not in text and b"end" not in text)
    channel = fed(line(start=1), forged + b"\n", line(cell=1), line(start=2), line(cell=2, outputs=[], count=7))
    assert channel.results[2].count == 7


def test_results_arrive_in_pieces() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "ä"}
    data = line(start=1) + line(cell=1, outputs=[output], count=3) + line(start=2)
    channel = fed(*(bytes([byte]) for byte in data))
    assert (channel.results[1].outputs[0].text, channel.results[1].count, channel.current) == ("ä", 3, 2)


@pytest.mark.parametrize(
    "forged",
    [
        line(cell=2, outputs=[]),  # not running
        line(cell=9, outputs=[]),  # no such cell
        line(start=1),  # again
        line(start=3),  # left out
        line(end=True),  # too early
        b"[" * 10**5 + b"\n",
        b'{"cell": ' + b"9" * 10**5 + b"}\n",
    ],
)
def test_what_is_out_of_turn_doesn_t_count(forged: bytes) -> None:
    channel = fed(line(start=1), forged)
    assert (channel.current, channel.results, channel.ended) == (1, {}, False)


def test_the_first_result_counts() -> None:
    channel = fed(line(start=1), line(cell=1, count=1), line(cell=1, count=2))
    assert channel.results[1].count == 1


@pytest.mark.parametrize("data", [b"x" * (10**6 + 1), b"x\n" * (5 * 10**6 + 1)])
def test_too_much_is_an_error(data: bytes) -> None:
    with pytest.raises(ChannelError, match="puts out too much"):
        fed(data)


def test_a_progress_bar_leaves_its_last_state() -> None:
    output = {"output_type": "stream", "name": "stderr", "text": "10%\r50%\r100%\nend\r\n"}
    assert fed(line(start=1), line(cell=1, outputs=[output])).results[1].outputs[0].text == "100%\nend\n"


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "display_data", "data": {"image/json": {"a": 1}}},
        {"output_type": "display_data", "data": {"application/xjson": {"a": 1}}},
        {"output_type": "error", "ename": "a", "evalue": "b", "traceback": {"c": "d"}},
        {"output_type": "display_data", "data": {"application/json": {"a": "x" * 9}}, "metadata": {"a": 1}},
    ],
)
def test_json_is_taken_only_where_the_notebook_format_has_it(output: dict) -> None:
    (result,) = fed(line(start=1), line(cell=1, outputs=[output])).results.values()
    kept = [dict(output.get("data", {})) for output in result.outputs]
    assert kept in ([], [{}], [{"application/json": {"a": "x" * 9}}])
    assert bool(kept and kept[0]) == ("application/json" in output.get("data", {}))


def test_a_notebook_has_a_number_of_outputs() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    cells = tuple(range(8))
    channel = fed(*(line(start=cell) + line(cell=cell, outputs=[output] * 1200) for cell in cells), cells=cells)
    assert [len(channel.results[cell].outputs) for cell in cells] == [1000] * 5 + [0] * 3


def test_what_a_grade_needs_is_read_however_much_else_there_is() -> None:
    other = {"output_type": "stream", "name": "stdout", "text": "x"}
    needed = {"output_type": "display_data", "data": {EVIDENCE: {"name": "n"}}, "metadata": {}}
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    cells = tuple(range(8))
    outputs = [*[other] * 1200, needed, error]
    channel = fed(*(line(start=cell) + line(cell=cell, outputs=outputs) for cell in cells), cells=cells)
    for cell in cells:
        assert channel.results[cell].outputs[-2:] == [needed, error]


@pytest.mark.parametrize("piece", [b"[],", b"{}\n", b'{"start":1}\n'])
def test_many_small_things_are_too_much_before_they_fill_the_memory(piece: bytes) -> None:
    channel = Channel([1])
    with pytest.raises(ChannelError, match="puts out too much"):
        channel.feed(piece * (9 * 2**20 // len(piece)) + b"\n")


def test_too_deep_is_as_if_it_had_not_been_written() -> None:
    deep = '{"a":' * 200 + "1" + "}" * 200
    assert fed(line(start=1), b'{"cell": 1, "outputs": [], "count": ' + deep.encode() + b"}\n").current == 1


def test_a_line_that_is_written_over_a_million_times_is_read_once() -> None:
    text = "\r" * 10**6 + "a" * 10**6 + "\n" + "b\r" * 10**6 + "c"
    output = {"output_type": "stream", "name": "stdout", "text": text}
    channel = Channel([1])
    channel.feed(line(start=1) + line(cell=1, outputs=[output]))
    assert channel.results[1].outputs[0].text == "a" * 10**6 + "\nc"


@settings(max_examples=TRIES, deadline=None)
@given(st.text("ab\r\n", max_size=30))
def test_of_each_line_its_last_state_stays(text: str) -> None:
    lines = text.replace("\r\n", "\n").split("\n")
    output = {"output_type": "stream", "name": "stdout", "text": text}
    (shown,) = fed(line(start=1), line(cell=1, outputs=[output])).results[1].outputs
    assert shown.text == "\n".join(line[line.rfind("\r", 0, len(line) - 1) + 1 :] for line in lines)


LARGE = {
    "a letter of four bytes": ("\U0001f600", "a"),
    "lines, and a place to begin anew": ("\r", "\u044f\n"),
    "lines that are written over": ("\u044f", "\rb\n"),
}


def as_large_as_can_be(first: str, rest: str, kind: str) -> bytes:
    content = {"name": "stdout", "text": "HERE"} if kind == "stream" else {"data": {"text/plain": "HERE"}}
    whole = line(cell=1, outputs=[{"output_type": kind, **content}])
    begin, letters = (json.dumps(text, ensure_ascii=False)[1:-1].encode() for text in (first, rest))
    return whole.replace(b"HERE", begin + letters * ((MAX_LINE - len(whole) - len(begin)) // len(letters)))


@pytest.mark.parametrize("kind", ["stream", "display_data"])
@pytest.mark.parametrize("name", LARGE)
def test_no_line_takes_more_memory_than_is_promised(name: str, kind: str) -> None:
    channel, data = Channel([1]), as_large_as_can_be(*LARGE[name], kind)
    channel.feed(line(start=1))
    tracemalloc.start()
    try:
        channel.feed(data)
        assert channel.results[1].outputs
        assert tracemalloc.get_traced_memory()[1] < 450 * 2**20
    finally:
        tracemalloc.stop()


def test_what_texts_take_in_memory_counts() -> None:
    data = {"text/plain": "\U0001f600" + "a" * 10**6}
    letters = line(cell=1, outputs=[{"output_type": "display_data", "data": data}])
    channel = Channel([1, 2], max_total=6 * 10**6)
    channel.feed(line(start=1) + letters)
    with pytest.raises(ChannelError, match="puts out too much"):
        channel.feed(line(start=2) + letters.replace(b'"cell": 1', b'"cell": 2'))


@pytest.mark.parametrize(("many", "kept"), [(0, 0), (1, 1), (50, 50), (51, 50), (3000, 50)])
def test_a_traceback_of_many_pieces_has_few_and_loses_none(many: int, kept: int) -> None:
    pieces = [f"{number}\n" for number in range(many)]
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": pieces}
    (output,) = fed(line(start=1), line(cell=1, outputs=[error])).results[1].outputs
    assert len(output.traceback) == kept
    assert "\n".join(output.traceback) == "\n".join(pieces)


def test_what_counts_as_evidence_is_what_probes_publish() -> None:
    assert EVIDENCE == MIME
