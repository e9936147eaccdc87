"""A filing goes into a workbook, from there to the web and back, and nothing changes; how three values merge."""

import string
import unicodedata
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assessments.filings.drafts import answer_label
from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.contents import held
from assessments.filings.workbook.merge import merge
from assessments.filings.workbook.stamp import Value, base_text, base_value
from assessments.models import REPORT
from assessments.tests.workbook.world import contents, filled_in, made, read, small
from scorecard.engine import Nothing
from scorecard.tests.drawn import examples
from scorecard.words.language import in_language

KEYS = list(contents({}).keys())
LETTERS = string.printable.replace("\x0b", "").replace("\x0c", "") + "小微企业贷款１２％，。、“”＝+@'𠮷☑"


def _numbers(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=low, max_value=high, allow_nan=False, allow_infinity=False, places=places)


def _text(size: int) -> st.SearchStrategy[str]:
    """A text as the draft keeps it: lines end with a line feed, nothing blank at its ends."""
    return st.text(LETTERS, max_size=size).map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n").strip())


def _remark(text: str) -> str:
    """A text as the reader of typed text keeps it."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def _of(key: Key) -> st.SearchStrategy[Any]:
    """What a draft may hold under a key."""
    if key.kind == Kind.NARRATIVE:
        return _text(60)
    if key.kind == Kind.NOT_APPLICABLE:
        return st.booleans()
    if key.kind == Kind.SELF_POINTS:
        indicator = small().indicators[key.id]
        return st.none() | _numbers(str(indicator.min), str(indicator.max), 2)
    spec, blank = small().facts[key.id], st.just(Nothing.UNANSWERED)
    if spec.is_number:
        edge = "1" if spec.unit == "%" else "999999999999999"
        places = st.integers(0, 18 if spec.unit == "%" else 6)
        return blank | places.flatmap(lambda count: _numbers("0", edge, count))
    if spec.kind == "checklist":
        return blank | st.frozensets(st.sampled_from(sorted(spec.options)))
    if spec.kind == "level":
        return blank | st.sampled_from(sorted(spec.options))
    return blank | _text(40).map(_remark).filter(lambda text: text and text.casefold() not in ("na", "n/a"))


FILINGS: st.SearchStrategy[dict[Key, Value]] = st.fixed_dictionaries({key: _of(key) for key in KEYS})
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@given(FILINGS, st.sampled_from(["zh-hans", "en"]))
@example({Key(Kind.NARRATIVE, REPORT): "_x000D_ =1+1"}, "en")
def test_what_goes_out_comes_back_as_it_was(filing: dict[Key, Value], language: str) -> None:
    content = made(language, held=filing)
    found = read(content, language)
    assert found.problems == []
    assert found.lacking == 0
    assert {key: held(found.values, key) for key in KEYS} == {key: held(filing, key) for key in KEYS}
    assert not found.merged(lambda key: held(filing, key)).taken


@settings(max_examples=examples(40), deadline=None, suppress_health_check=SLOW)
@example({Key(Kind.FACT, "rate"): Decimal("0.0")}, {}, "zh-hans")
@given(FILINGS, FILINGS, st.sampled_from(["zh-hans", "en"]))
def test_a_filing_that_goes_through_workbook_web_and_workbook_is_the_same(
    filing: dict[Key, Value], before: dict[Key, Value], language: str
) -> None:
    """The draft held ``before`` at the download; ``filing`` is filled in, taken, and downloaded once more."""
    found = read(filled_in(before, filing, language), language)
    assert found.problems == []
    web = {key: held(before, key) for key in found.base}
    merged = found.merged(web.__getitem__)
    assert merged.conflicts == []
    web |= merged.taken
    assert {key: web[key] for key in KEYS} == {key: held(filing, key) for key in KEYS}
    again = read(made(language, held=web), language)
    assert again.problems == []
    assert not again.merged(lambda key: held(web, key)).taken


@settings(max_examples=examples(60), deadline=None)
@given(FILINGS)
def test_the_exact_text_of_a_value_is_read_back(filing: dict[Key, Value]) -> None:
    for key in KEYS:
        value = held(filing, key)
        assert base_value(small(), key, base_text(key, value)) == value


# --- The merge -------------------------------------------------------------------------------------------------------

NAMES = [Key(Kind.NARRATIVE, name) for name in "abcd"]
SIDE = st.fixed_dictionaries({key: st.sampled_from(["", "1", "2", "3"]) for key in NAMES})


@settings(max_examples=examples(300), deadline=None)
@given(SIDE, SIDE, SIDE)
def test_three_values_merge(base: dict[Key, Value], typed: dict[Key, Value], web: dict[Key, Value]) -> None:
    found = merge(base, typed, web.__getitem__)
    conflicts = {both.key: both for both in found.conflicts}
    assert not conflicts.keys() & found.taken.keys()
    for key in NAMES:
        b, t, w = base[key], typed[key], web[key]
        if t in (w, b):
            assert key not in found.taken and key not in conflicts  # the web stands
        elif w == b:
            assert found.taken[key] == t  # only the file changed it
        else:
            assert (conflicts[key].base, conflicts[key].typed, conflicts[key].web) == (b, t, w)
    after = web | found.taken | {key: both.typed for key, both in conflicts.items()}
    again = merge(base, typed, after.__getitem__)
    assert not again.taken and not again.conflicts, "taking a file twice does nothing the second time"


@settings(max_examples=examples(100), deadline=None)
@given(SIDE, SIDE, SIDE)
def test_both_sides_ask_about_the_same_things(
    base: dict[Key, Value], one: dict[Key, Value], two: dict[Key, Value]
) -> None:
    def asked(typed: dict[Key, Value], web: dict[Key, Value]) -> set[Key]:
        return {both.key for both in merge(base, typed, web.__getitem__).conflicts}

    assert asked(one, two) == asked(two, one)


def test_every_input_has_a_name_that_people_know() -> None:
    for key in KEYS:
        label = in_language(small().facts[key.id].label) if key.kind == Kind.FACT else answer_label(small(), key)
        assert label
