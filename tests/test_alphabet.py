import pytest
from hypothesis import given
from hypothesis import strategies as st

from lprkit.core.alphabet import LATIN, LOOKALIKES, Alphabet, steps_needed
from lprkit.core.errors import DataError

letters = st.sampled_from("0O1IAB京가서울")
alphabets = st.lists(letters, min_size=1, unique=True).map(lambda tokens: Alphabet(tuple(tokens)))
LONG = Alphabet(("0", "1", "가", "서울", "서", "<police>"))


@given(st.data())
def test_a_text_splits_and_joins_unchanged(data: st.DataObject) -> None:
    alphabet = data.draw(alphabets)
    text = "".join(data.draw(st.lists(st.sampled_from(alphabet.tokens))))
    assert "".join(alphabet.split(text)) == text
    assert alphabet.decode(alphabet.encode(text)) == text


@given(st.lists(st.integers(0, len(LATIN) - 1)))
def test_classes_of_single_letters_survive_the_text(classes: list[int]) -> None:
    alphabet = Alphabet(LATIN)
    assert alphabet.encode(alphabet.decode(classes)) == tuple(classes)


def test_the_longest_token_wins() -> None:
    assert LONG.split("서울01가서<police>") == ("서울", "0", "1", "가", "서", "<police>")
    assert LONG.split("") == ()


def test_the_blank_is_last() -> None:
    assert (LONG.blank, LONG.classes) == (6, 7)
    assert max(LONG.encode("서울01가서<police>")) < LONG.blank


def test_what_is_not_in_the_alphabet_is_named() -> None:
    with pytest.raises(DataError, match=r"'0@1' has '@', which is not in the alphabet of 6 tokens"):
        LONG.split("0@1")


@pytest.mark.parametrize("tokens", [("A", "B", "A"), ("A", "")])
def test_repeated_or_empty_tokens_are_refused(tokens: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="each token once"):
        Alphabet(tokens)


def test_lookalikes_merge_and_merging_twice_changes_nothing() -> None:
    alphabet = Alphabet(LATIN, LOOKALIKES)
    assert alphabet.merged("OIL10") == "01L10"
    assert alphabet.merged(alphabet.merged("OIL10")) == alphabet.merged("OIL10")


@given(st.lists(st.integers(0, 3)))
def test_steps_count_a_blank_between_equal_neighbours(classes: list[int]) -> None:
    path: list[int | None] = []
    for one in classes:
        path += [None, one] if path and path[-1] == one else [one]
    assert steps_needed(classes) == len(path)


def test_a_longer_token_does_not_swallow_the_beginning_of_the_next() -> None:
    alphabet = Alphabet(("서", "서울", "울산"))
    assert alphabet.split("서울산") == ("서", "울산")
    assert alphabet.split("서울서") == ("서울", "서")
    with pytest.raises(DataError, match="has '산'"):
        alphabet.split("서울서산")
