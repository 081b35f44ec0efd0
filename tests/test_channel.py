"""The reader of what comes out of the sandbox: nothing that is written there may do more than spoil its own result."""

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.channel import Channel, ChannelError

TRIES = 500
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "x" * 10**4]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "output_type": st.sampled_from(["stream", "display_data", "execute_result", "error", "x"]) | JSON,
        "name": st.sampled_from(["stdout", "stderr"]) | JSON,
        "text": JSON,
        "data": st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png", "a/b+json", "../x"]), JSON)
        | JSON,
        "metadata": JSON,
        "ename": JSON,
        "evalue": JSON,
        "traceback": JSON | st.lists(st.text()),
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
    },
)
LINES = st.lists(st.binary(max_size=60) | MESSAGE.map(lambda each: json.dumps(each).encode()), max_size=12)


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
    forged = b"\n".join(each for each in lines if b"start" not in each and b"end" not in each)
    channel = fed(line(start=1), forged + b"\n", line(cell=1), line(start=2), line(cell=2, outputs=[], count=7))
    assert channel.results[2].count == 7


def test_results_arrive_in_pieces() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "ä"}
    data = line(start=1) + line(cell=1, outputs=[output], count=3) + line(start=2)
    channel = fed(*(bytes([each]) for each in data))
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
