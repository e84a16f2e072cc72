"""What passes did adds up: by step and by table, and the last of each step is known."""

from hypothesis import given
from hypothesis import strategies as st

from warehouse.lake.tally import Rows, Step, Tally

STEPS = st.lists(st.tuples(st.sampled_from(["read", "roll_up"]), st.integers(0, 5000), st.integers(0, 9)))


@given(STEPS)
def test_a_tally_is_the_sum_of_its_steps_and_survives_being_stored(steps: list[tuple[str, int, int]]) -> None:
    tally = Tally()
    for name, ms, rows in steps:
        tally = tally.after(name, ms / 1000, {name: Rows(read=rows, changed=1)})
    assert tally.steps.keys() == tally.rows.keys() == {name for name, _, _ in steps}
    for name, step in tally.steps.items():
        mine = [(ms, rows) for step_name, ms, rows in steps if step_name == name]
        total = round(sum(ms for ms, _ in mine) / 1000, 3)
        assert (step.times, round(step.seconds, 3), step.last_seconds) == (len(mine), total, mine[-1][0] / 1000)
        assert tally.rows[name] == Rows(read=sum(rows for _, rows in mine), changed=len(mine))
    assert Tally.model_validate_json(tally.model_dump_json()) == tally


def test_a_step_without_rows_leaves_those_that_were_counted() -> None:
    tally = Tally().after("read", 1.0, {"contact": Rows(read=3)}).after("compact", 2.0)
    assert tally.rows == {"contact": Rows(read=3)}
    assert tally.steps["compact"] == Step(times=1, seconds=2.0, last_seconds=2.0)
