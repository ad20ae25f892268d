"""One list of all rows: none is missing, and no answer is shown surer than what it rests on."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.law import Basis, Certainty, rules
from shared.law.entitlements import Fact, rulebook
from shared.law.entitling import Decision, compute_entitlements
from shared.law.entries import Table, as_known_now, entries, resting_on, uncertain
from shared.law.questions import questions, questions_by_row
from shared.law.verifying import verification_rules

ORDER = list(Certainty)
COUNTED = {Table.CONDITION, Table.CERTAINTY}


def test_every_row_of_every_table_is_in_the_list() -> None:
    book, proving = rulebook(), verification_rules()
    shown = {(it.legal_ref, it.status) for it in entries()}
    tables = (
        *(rules().periods, rules().countings, proving.proofs, proving.authorities),
        book.bases.values(),
        *(rows for tables in (book.conditions, book.certainties) for rows in tables.values()),
        *(rows for tables in (book.contents, book.amounts) for rows in tables.values()),
        *book.category_conditions.values(),
    )
    assert all((row.legal_ref, row.status) in shown for rows in tables for row in rows)


def test_a_name_and_a_law_are_those_of_one_row() -> None:
    names = [(it.key, it.regime) for it in entries()]
    assert len(names) == len(set(names))


def test_a_row_without_a_value_is_never_confirmed() -> None:
    unset = [it for it in entries() if it.is_unset]
    assert unset
    assert all(it.status is Certainty.ASSUMED for it in unset)


def test_a_lawyer_is_asked_about_every_row_that_is_not_certain() -> None:
    assert not uncertain().keys() - questions_by_row().keys(), "add to rules/questions.toml"
    known = {(it.key, it.regime) for it in entries()}
    assert not questions_by_row().keys() - known, "a question about no row"


def test_a_row_is_asked_about_once_and_in_two_languages() -> None:
    about = [name for each in questions() for name in each.about]
    assert len(about) == len(set(about))
    for each in questions():
        assert each.vi.endswith((".", "?"))
        assert each.en.endswith((".", "?"))
        assert each.vi != each.en


def test_of_certain_rows_only_those_whose_texts_differ_are_asked_about() -> None:
    assert questions_by_row().keys() - uncertain().keys() == {("stay.maximum", Regime.LAW_2011)}


@given(
    regime=st.sampled_from(Regime),
    category=st.sampled_from(PersonCategory),
    known=st.dictionaries(st.sampled_from(Fact), st.booleans()),
)
def test_an_answer_shows_the_text_and_status_of_a_row_and_a_grant_those_of_its_weakest(
    regime: Regime, category: PersonCategory, known: dict[Fact, bool]
) -> None:
    book = rulebook()
    for answer in compute_entitlements(book, regime=regime, category=category, known=known):
        rows = resting_on(book, regime, category, [answer.code])
        assert (answer.legal_ref, answer.status) in {(it.legal_ref, it.status) for it in rows}
        if answer.decision is Decision.ENTITLED:
            least = max(
                ORDER.index(it.status) for it in rows if it.table in COUNTED | {Table.GRANT}
            )
            assert ORDER.index(answer.status) >= least


@given(
    regime=st.sampled_from(Regime),
    before=st.sampled_from(Certainty),
    now=st.sampled_from(Certainty),
)
def test_an_answer_that_was_kept_is_shown_no_surer_than_its_text_is_today(
    regime: Regime, before: Certainty, now: Certainty
) -> None:
    listed = replace(rulebook().bases[regime], legal_ref="The text", status=now)
    book = replace(rulebook(), bases={regime: listed}, category_conditions={}, conditions={})
    book = replace(book, certainties={}, contents={}, amounts={})
    kept = Basis("The text", before)
    shown = as_known_now(book, regime, kept)
    assert ORDER.index(shown.status) == max(ORDER.index(before), ORDER.index(now))
    other = Basis("Another text", before)
    assert as_known_now(book, regime, other) == other


@given(category=st.sampled_from(PersonCategory), code=st.sampled_from(EntitlementCode))
def test_what_rests_on_rows_of_one_law_rests_on_none_of_the_other(
    category: PersonCategory, code: EntitlementCode
) -> None:
    for regime in Regime:
        assert {it.regime for it in resting_on(rulebook(), regime, category, [code])} == {regime}
