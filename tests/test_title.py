"""What may be a title, in words a person understands where it may not, and what a file is called after it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import titles

from rnnlab.config import Design
from rnnlab.export import file_name
from rnnlab.title import LONGEST, read_title, slug


@given(titles())
def test_what_a_person_can_see_stays_as_it_is(title):
    assert read_title(title) == title
    assert read_title(f"  {title}\n") == title


def attempted(text):
    """The title, or what refuses it; any other error comes through."""
    try:
        return read_title(text), ""
    except ValueError as refused:
        return "", str(refused)


@given(st.text(max_size=80))
def test_any_text_is_a_title_or_refused_in_a_sentence(text):
    title, refused = attempted(text)
    assert refused.isprintable()
    assert not refused or (refused.startswith("A title ") and refused.endswith("."))
    assert len(title) <= LONGEST
    assert title == read_title(title) == title.strip()
    assert len(title.splitlines()) <= 1
    assert {unicodedata.category(sign) for sign in title}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert {unicodedata.bidirectional(sign) for sign in title}.isdisjoint(turning)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("\u200d", ""),
        ("Group 3:\n clipping\tat  1", "Group 3: clipping at 1"),
        ("Gruppe 3: Größe → ∞", "Gruppe 3: Größe → ∞"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ],
)
def test_blanks_are_one_and_scripts_keep_what_they_need(text, title):
    assert read_title(text) == title


def test_a_refusal_names_what_was_wrong():
    with pytest.raises(ValueError, match=r"A title has at most 60 characters, not 1,000,000\."):
        read_title("x" * 1_000_000)
    with pytest.raises(ValueError, match=r"U\+202E is a character that is not seen\."):
        read_title("\u202egnp.nur")
    with pytest.raises(ValueError, match=r"U\+0000 is a control character\."):
        read_title("a\x00b")
    with pytest.raises(ValueError, match=r"U\+FFFF is no character\."):
        read_title("a\uffff")
    with pytest.raises(ValueError, match="must be a text"):
        read_title(["a"])


@given(titles())
def test_a_files_name_is_safe_and_short(title):
    name = file_name(Design(task="adding"), 1240, ".npz", title)
    assert name.startswith("rnnlab-")
    assert name.endswith("-1240.npz")
    assert len(name.encode()) <= 255
    assert not set(name) & set("\\/:*?\"'<>|\n\t $`;&(){}[]!#%~")
    assert not name.removesuffix(".npz").count(".")
    assert all(sign == "-" or unicodedata.category(sign)[0] in "LNM" for sign in slug(title))


def test_a_file_is_called_after_the_title_and_without_one_after_the_design():
    design = Design(task="adding", cell="lstm")
    assert file_name(design, 3, ".npz", "Group 3: clipping at 1") == "rnnlab-group-3-clipping-at-1-3.npz"
    assert file_name(design, None, ".py", "Größe/हिन्दी") == "rnnlab-größe-हिन्दी.py"
    assert file_name(design, 3, ".npz", "../..") == file_name(design, 3, ".npz") == "rnnlab-adding-lstm-3.npz"
