"""Bytes and pasted texts: what is read, and what is said of what cannot be."""

import codecs
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.own import MOST_BYTES, read_bytes, read_pasted, read_text

SENTENCE = re.compile(r"[^\n]+\.\Z")
PROSE = "Größe und Weg, čeština, Ελληνικά, 日本語, 👍🏽.\n" * 30


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (PROSE.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + PROSE.encode(), "UTF-8"),
        (PROSE.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + PROSE.encode("utf-16-be"), "UTF-16"),
        (PROSE.encode("utf-32"), "UTF-32"),
        (("plain English, " * 30).encode("utf-16-le"), "UTF-16"),
        (("plain English, " * 30).encode("utf-16-be"), "UTF-16"),
    ],
)
def test_a_text_is_read_in_its_encoding(raw, encoding):
    found = read_text(read_bytes(raw))
    assert found.text in (PROSE, "plain English, " * 30)
    assert found.encoding == encoding
    assert found.note == ("" if encoding == "UTF-8" else f"It was read as {encoding}.")


def test_line_ends_are_one_character():
    assert read_bytes(b"a\r\nb\rc\n").text == read_pasted("a\r\nb\rc\n").text == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"x" * (MOST_BYTES + 1), "5.1 MB; at most 5 MB"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04...", "Word, Excel"),
        (b"\x89PNG\r\n", "picture"),
        (bytes(range(256)) * 4, "NUL bytes"),
        (b"\x01\x02\x03abcdef" * 40, "33 % of it are control characters"),
        ("schön\nund größer".encode("latin-1"), "0xF6 in line 1 .*'ö'.* UTF-8"),
        ("line\nline\n„so“".encode("cp1252"), "line 3"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "cannot be read as UTF-16: the byte 0x62 at byte 3"),
    ],
)
def test_what_is_no_text_is_named_in_one_sentence(raw, said):
    with pytest.raises(ValueError, match=said) as wrong:
        read_bytes(raw)
    assert SENTENCE.match(str(wrong.value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nothing was pasted"),
        (" \n\t " * 100, "only blanks"),
        ("short", "5 characters; at least 100"),
        ("a" * 500, "only letter is 'a'"),
        ("a a\n" * 100, "only letter is 'a'"),
        ("a\x00b" * 100, "NUL"),
        ("é" * 3_000_000, "6.0 MB"),
    ],
)
def test_what_cannot_be_learned_from_is_named_in_one_sentence(text, said):
    with pytest.raises(ValueError, match=said) as wrong:
        read_text(read_pasted(text))
    assert SENTENCE.match(str(wrong.value))


def test_the_largest_that_is_allowed_is_read():
    assert len(read_bytes(b"ab" * (MOST_BYTES // 2)).text) == MOST_BYTES


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_read_or_refused_in_one_sentence(raw):
    found = read_or_refused(lambda: read_text(read_bytes(raw)))
    if isinstance(found, str):
        assert SENTENCE.match(found)
    else:
        assert len(found.text) >= 100
        assert "\x00" not in found.text
        assert "\r" not in found.text


def read_or_refused(read):
    """What was read, or the words of the refusal."""
    try:
        return read()
    except ValueError as wrong:
        return str(wrong)
