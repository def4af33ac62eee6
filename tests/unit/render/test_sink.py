"""The last fence."""

from __future__ import annotations

import io
import threading

import pytest

from reconciler.model.secrets import MASK, Redactor
from reconciler.render.sink import RedactingStream

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"


@pytest.fixture
def redactor():
    redactor = Redactor()
    redactor.learn_all(["hunter2-hunter2", PEM])
    return redactor


def test_a_secret_written_in_pieces_is_masked(redactor):
    """Nothing is passed on before its line has ended."""
    stream = io.StringIO()
    sink = RedactingStream(stream, redactor)
    assert sink.write("password: hunter2") == 17
    assert stream.getvalue() == ""
    sink.write("-hunter2\n")
    assert stream.getvalue() == f"password: {MASK}\n"


def test_a_secret_of_several_lines_is_masked(redactor):
    """As print writes it: the text, then the newline."""
    stream = io.StringIO()
    print(f"key: {PEM}", file=RedactingStream(stream, redactor))
    assert stream.getvalue() == f"key: {MASK}\n"


def test_a_flush_passes_on_what_has_no_newline(redactor):
    """A prompt waits for an answer; closing flushes as well, and leaves the stream open."""
    stream = io.StringIO()
    with RedactingStream(stream, redactor) as sink:
        sink.write("apply hunter2-hunter2? ")
        sink.flush()
        sink.flush()
        assert stream.getvalue() == f"apply {MASK}? "
        sink.write("rest")
    assert stream.getvalue() == f"apply {MASK}? rest"
    assert not stream.closed


def test_it_is_what_its_stream_is(tmp_path, redactor):
    """A terminal iff that is one, with its descriptor and encoding."""
    with (tmp_path / "out").open("w", encoding="ascii") as file:
        sink = RedactingStream(file, redactor)
        assert (sink.fileno(), sink.isatty(), sink.encoding, sink.writable()) == (file.fileno(), False, "ascii", True)
        sink.write("a → b\n")
    assert (tmp_path / "out").read_text() == "a \\u2192 b\n"
    assert RedactingStream(io.StringIO(), redactor).encoding == "utf-8"


def test_lines_of_several_threads_are_all_passed_on(redactor):
    """None is lost, none passes with a secret."""
    stream = io.StringIO()
    sink = RedactingStream(stream, redactor)
    threads = [threading.Thread(target=lambda: [sink.write("hunter2-hunter2\n") for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stream.getvalue() == f"{MASK}\n" * 800
