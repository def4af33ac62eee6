"""Many words are found in a text as if each had been looked for alone."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.net import HEAD, Net

LETTERS = st.text("ab", max_size=12)


def test_no_words_no_change():
    """Nor for words that are too short."""
    assert Net([]).replace("abcdef", "-") == Net(["abc", ""]).replace("abcdef", "-") == "abcdef"


@given(st.lists(LETTERS, max_size=6), st.text("ab", max_size=60))
def test_it_is_a_regular_expression_of_all_words_the_longest_first(words, text):
    """At each place the longest, and then on behind it."""
    usable = sorted({word for word in words if len(word) >= HEAD}, key=len, reverse=True)
    expected = re.sub("|".join(usable), "-", text) if usable else text
    assert Net(words).replace(text, "-") == expected
