"""FASTA: records of bases, and what is said of files that hold none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.own import bases_of

SENTENCE = re.compile(r"[^\n]+\.\Z")


def test_records_are_read_over_lines_in_either_case_and_rna_as_dna():
    text = ">first one\nACGTACGTACGTACGTAC\n  61 gtacgtacgtacgt\n\n>second\n" + "acgu" * 10
    first, second = bases_of(text)
    assert first == ("first one", "ACGTACGTACGTACGTACGTACGTACGTACGT", "")
    assert second == ("second", "ACGT" * 10, "")


def test_a_bare_sequence_is_one_record():
    assert bases_of("ACGT" * 10) == (("sequence 1", "ACGT" * 10, ""),)


def test_records_of_one_name_are_told_apart():
    first, second = "ACGT" * 10, "TTGA" * 10
    found = bases_of(f">gene\n{first}\n>gene\n{second}\n>\n{first}")
    assert [one.name for one in found] == ["gene", "gene (2)", "sequence 3"]
    assert [one.bases for one in found] == [first, second, first]


def test_the_longest_stretch_of_known_bases_is_used_and_told():
    (found,) = bases_of(">x\n" + "ACGT" * 5 + "NN" + "ACGT" * 10 + "R" + "AC")
    assert found.bases == "ACGT" * 10
    assert found.note == (
        "3 bases of it are not known (such as N): of 65 the longest stretch without them is used, 40 bases."
    )
    assert bases_of("ACGT" * 20, most=30) == (
        ("sequence 1", "ACGTACGTACGTACGTACGTACGTACGTAC", "The first 30 of 80 bases are used."),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no bases in it"),
        (">only a name", "'only a name' holds no bases"),
        (">p\n" + "MKVLEFPQ" * 10, "E, F, L, P, Q, a protein, it seems"),
        (">w\nthis is a sentence, and no sequence at all!", "no bases; A, C, G and T"),
        ("A" * 100, "its only base is A"),
        ("ACGT" * 5, "20 known bases follow each other; at least 30"),
        ("N" * 100, "0 known bases"),
        (">\n" * 1001, "1,001 records; at most 1,000"),
    ],
)
def test_what_are_no_bases_is_named_in_one_sentence(text, said):
    with pytest.raises(ValueError, match=said) as wrong:
        bases_of(text)
    assert SENTENCE.match(str(wrong.value))


@given(st.text(max_size=200) | st.text("ACGTNacgtu>\n; ", max_size=300))
def test_any_text_is_bases_or_refused_in_one_sentence(text):
    try:
        found, said = bases_of(text), "."
    except ValueError as wrong:
        found, said = (), str(wrong)
    assert SENTENCE.match(said)
    assert all(set(one.bases) <= set("ACGT") and len(one.bases) >= 30 for one in found)
