"""Classes put together: all provinces, O and 0, I and 1."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit import plates
from lprkit.core.alphabet import HIEROGLYPH, Alphabet, concatenated
from lprkit.core.card import InputSpec, ModelCard, card_from_json
from lprkit.core.errors import DataError, ModelError

CHINA = plates.alphabet(["cn", "us-ca"])


def test_classes_are_put_together() -> None:
    both = concatenated(CHINA, h_concat=True, oi_concat=True)
    assert both.tokens == (*"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", HIEROGLYPH)
    assert both.blank == 35  # last, after what was put together
    assert both.decode(both.encode("皖AO1I警")) == f"{HIEROGLYPH}A011{HIEROGLYPH}"
    assert both.encode("京A00111") == both.encode("沪AOOIII") == both.encode(f"{HIEROGLYPH}AO0I11")
    assert concatenated(CHINA) == CHINA
    assert concatenated(Alphabet(("A", "O")), oi_concat=True).tokens == ("A", "O")  # there is no 0 to be


@given(st.lists(st.sampled_from(CHINA.tokens), max_size=12), st.booleans(), st.booleans())
def test_what_is_written_is_read_back_the_same(tokens: list[str], h_concat: bool, oi_concat: bool) -> None:
    alphabet, text = concatenated(CHINA, h_concat, oi_concat), "".join(tokens)
    classes = alphabet.encode(text)
    assert len(classes) == len(tokens) and all(n < alphabet.blank for n in classes)
    assert alphabet.encode(alphabet.decode(classes)) == classes
    assert alphabet.merged(text) == alphabet.merged(alphabet.decode(classes))


def test_an_alias_that_leads_nowhere_is_told() -> None:
    with pytest.raises(DataError, match="An alias must lead from what is no token to one: O -> 0"):
        Alphabet(("A",), alias={"O": "0"})


@pytest.mark.parametrize(
    ("truth", "written"),
    [("皖AO1I警", f"{HIEROGLYPH}A011{HIEROGLYPH}"), ("皖ÄO", f"{HIEROGLYPH}Ä0"), ("", "")],
    ids=["known", "with a sign that nobody knows", "nothing"],
)
def test_a_truth_is_written_as_the_network_can(truth: str, written: str) -> None:
    assert concatenated(CHINA, h_concat=True, oi_concat=True).written(truth) == written
    assert CHINA.written(truth) == truth


def test_a_card_knows_what_was_put_together() -> None:
    both = concatenated(CHINA, h_concat=True, oi_concat=True)
    card = ModelCard("x", "read", InputSpec(24, 94), both.tokens, 18, options={"alias": dict(both.alias)})
    assert card_from_json(card.to_json(), "x").alphabet.encode("京AO") == both.encode("京AO")
    for alias in ({"O": "9a"}, ["O"], 7):
        with pytest.raises(ModelError, match="m: holds no lprkit model card"):
            card_from_json(replace(card, options={"alias": alias}).to_json(), "m")
