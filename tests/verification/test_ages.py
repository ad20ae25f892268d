"""How old the person is, and was, as intake tells it while the verification runs."""

import pytest

from services.verification.errors import AgeUnused, ReasonUnfit
from services.verification.policy import Move, MoveFacts, MoveReason
from shared.contracts import AgeBandChanged
from shared.contracts.vocabulary import AgeBand, AgeBandCause, VerificationOutcome
from shared.kit.errors import VersionChanged
from tests.verification.builders import IDENTIFY, START, WITNESS, Bench
from tests.verification.test_tasks import Post


def without_means(*, was_minor_at_act: bool | None = None) -> MoveFacts:
    return MoveFacts(
        Move.CONCLUDE,
        outcome=VerificationOutcome.NOT_IDENTIFIED,
        grounds=(WITNESS,),
        reason=MoveReason.MEANS_NOT_ESTABLISHED,
        was_minor_at_act=was_minor_at_act,
    )


def test_a_corrected_age_is_kept_and_decides_the_next_move(bench: Bench) -> None:
    bench.police()
    post = Post(bench)
    told = post.case(was_minor_at_act=False)
    post.hand(told)
    made = bench.of(told.case_id)
    bench.move(made, START)
    post.hand(
        AgeBandChanged(
            occurred_at=bench.now,
            case_id=told.case_id,
            age_band=AgeBand.UNDER_18,
            was_minor_at_act=True,
            cause=AgeBandCause.CORRECTION,
        )
    )
    made = bench.of(told.case_id)
    assert (made.age_band, made.was_minor_at_act, made.version) == ("under_18", True, 3)
    with pytest.raises(ReasonUnfit):
        bench.move(made, without_means())


def test_what_a_correction_leaves_open_is_not_known_any_more(bench: Bench) -> None:
    bench.police()
    post = Post(bench)
    told = post.case(was_minor_at_act=False)
    post.hand(told)
    made = bench.of(told.case_id)
    bench.move(made, START)
    post.hand(
        AgeBandChanged(
            occurred_at=bench.now,
            case_id=told.case_id,
            age_band=AgeBand.ADULT,
            was_minor_at_act=None,
            cause=AgeBandCause.CORRECTION,
        )
    )
    made = bench.of(told.case_id)
    assert made.was_minor_at_act is None
    with pytest.raises(ReasonUnfit):
        bench.move(made, without_means())


@pytest.mark.parametrize("cause", list(AgeBandCause))
def test_a_birthday_refuses_no_move_that_a_correction_does(
    bench: Bench, cause: AgeBandCause
) -> None:
    bench.police()
    post = Post(bench)
    told = post.case(age_band=AgeBand.UNDER_18)
    post.hand(told)
    read = bench.of(told.case_id).version
    changed = AgeBandChanged(
        occurred_at=bench.now,
        case_id=told.case_id,
        age_band=AgeBand.ADULT,
        was_minor_at_act=True,
        cause=cause,
    )
    post.hand(changed)
    made = bench.of(told.case_id)
    assert made.version == read + 1
    if cause is AgeBandCause.BIRTHDAY:
        bench.move(made, START, version=read)
        assert bench.of(told.case_id).status == "in_progress"
    else:
        with pytest.raises(VersionChanged):
            bench.move(made, START, version=read)
        bench.move(made, START, version=read + 1)
    with pytest.raises(VersionChanged):
        bench.move(bench.of(told.case_id), IDENTIFY, version=read + 1)


def test_who_was_a_child_then_needs_no_means_as_an_adult(bench: Bench) -> None:
    bench.police()
    post = Post(bench)
    told = post.case(age_band=AgeBand.ADULT, was_minor_at_act=True)
    post.hand(told)
    made = bench.of(told.case_id)
    bench.move(made, START)
    with pytest.raises(ReasonUnfit):
        bench.move(made, without_means())


def test_while_it_is_not_known_whoever_misses_the_means_says_how_old_the_person_was(
    bench: Bench,
) -> None:
    bench.police()
    made = bench.opened(was_minor_at_act=None)
    bench.move(made, START)
    with pytest.raises(ReasonUnfit):
        bench.move(made, without_means())
    bench.move(made, without_means(was_minor_at_act=False))
    assert bench.of(made.case_id).was_minor_at_act is False


def test_how_old_the_person_was_is_said_with_a_conclusion_only(bench: Bench) -> None:
    bench.police()
    made = bench.opened()
    with pytest.raises(AgeUnused):
        bench.move(made, MoveFacts(Move.START, was_minor_at_act=True))


def test_a_release_that_told_the_band_alone_said_that_a_minor_was_one(bench: Bench) -> None:
    post = Post(bench)
    told = post.case(age_band=AgeBand.UNDER_16)
    post.hand(told)
    assert bench.of(told.case_id).was_minor_at_act is True
