"""The last fence: a stream that lets no known secret through."""

from __future__ import annotations

import io
import threading
from typing import IO

from reconciler.model.secrets import Redactor


class RedactingStream(io.TextIOBase):
    """Passes text on to a stream, redacted.

    Text is kept until a write ends in a newline or somebody flushes, and is redacted as a whole: so a secret is found
    that was written in pieces, and one that has newlines inside. Only what cannot be a word of ours is looked for: what
    values hold was taken out of them before (:mod:`reconciler.model.veil`). Characters that the stream's encoding lacks
    are written out as escapes instead of ending the run. Closing flushes, and leaves the stream open: it is not ours.

    Nothing may keep it by its hash: click remembers each stream that it has written to, and one that is its own text
    stream is never let go, with all that was written and every secret that its redactor knows.
    """

    __hash__ = None  # type: ignore[assignment]  # click does without remembering then

    def __init__(self, stream: IO[str], redactor: Redactor) -> None:
        self._stream = stream
        self._redactor = redactor
        self._kept: list[str] = []
        self._lock = threading.RLock()

    def redact(self, text: str) -> str:
        """Return text as it may pass; for a caller that is about to cut or to escape it."""
        return self._redactor.redact_finished(text)

    def write_whole(self, document: str) -> None:
        """Pass a document of a program on as it is: a mask across its syntax would break it."""
        with self._lock:
            self._pass_on()
            self._send(document)

    def write(self, text: str) -> int:
        """Keep text, and pass everything on when a line has ended; raises TypeError for bytes, as text streams do."""
        if not isinstance(text, str):  # click tells a binary stream by this
            raise TypeError(f"a text stream takes str, not {type(text).__name__}")
        with self._lock:
            self._kept.append(text)
            if text.endswith("\n"):
                self._pass_on()
        return len(text)

    def flush(self) -> None:
        """Pass everything on, unfinished lines too."""
        with self._lock:
            self._pass_on()
            self._stream.flush()

    def _pass_on(self) -> None:
        text = self._redactor.redact_finished("".join(self._kept))
        self._kept.clear()
        if text:
            self._send(text)

    def _send(self, text: str) -> None:
        self._stream.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding))

    def __del__(self) -> None:
        """Do nothing: what is not flushed by now has no stream to go to, and IOBase would complain about that."""

    def isatty(self) -> bool:
        """Iff the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's descriptor."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Always."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute there, the stream's own here
        """The stream's encoding."""
        return getattr(self._stream, "encoding", None) or "utf-8"
