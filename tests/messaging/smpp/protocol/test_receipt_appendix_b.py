"""The quick pattern for texts as in Appendix B finds the same as the general reading."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp.protocol import receipt

words = st.text(
    st.sampled_from("0123456789ABCdefidstaterrtextsub-:= \"'\0é"), min_size=0, max_size=36
)
TEXT = "id:{} sub:{} dlvrd:001 submit date:2601010101 done date:2601010102 stat:{} err:{}{}text:{}"


@given(
    id=words | st.just("0A1b-2"),
    sub=words | st.just("001"),
    stat=words | st.just("DELIVRD"),
    err=words | st.just("000"),
    blank=st.sampled_from([" ", "", "  ", "\n"]),
    rest=words,
)
def test_both_ways_to_read_a_text_find_the_same(id, sub, stat, err, blank, rest):
    text = TEXT.format(id, sub, stat, err, blank, rest)
    found = receipt._fields(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receipt, "_AS_IN_APPENDIX_B", re.compile(r"(?!)"))
        assert receipt._fields(text) == found


@pytest.mark.parametrize("end", ["", " text:", " Text:hello id:9"])
def test_the_usual_text_is_read_in_one_go(end):
    text = TEXT.format("A1", "001", "DELIVRD", "000", "", "").removesuffix("text:") + end

    assert receipt._AS_IN_APPENDIX_B.match(text)
    assert receipt._fields(text) == {"id": "A1", "stat": "DELIVRD", "err": "000"}
