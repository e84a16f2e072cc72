"""What all passes together have done: how often each step was made, how long it took, how many rows it brought.

Belongs here: adding up. Does not: showing it (api/vitals/). It is part of the lake's state (state.py), so it changes in
the transaction that it counts, and costs no statement of its own.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Step(BaseModel):
    """How often a step was made, and its seconds without the commit: of all times together, and of the last."""

    model_config = ConfigDict(frozen=True)

    times: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0


class Rows(BaseModel):
    """Rows of one raw table: read from the source; of these inserted or replaced; deleted."""

    model_config = ConfigDict(frozen=True)

    read: int = 0
    changed: int = 0
    deleted: int = 0

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(
            read=self.read + other.read, changed=self.changed + other.changed, deleted=self.deleted + other.deleted
        )


class Tally(BaseModel):
    """By step (`read`, `roll_up`, `compact`), and by raw table; since the lake was first loaded or loaded anew."""

    model_config = ConfigDict(frozen=True)

    steps: dict[str, Step] = {}
    rows: dict[str, Rows] = {}

    def after(self, step: str, seconds: float, rows: Mapping[str, Rows] | None = None) -> "Tally":
        """This with one more step that brought some rows by raw table."""
        before = self.steps.get(step, Step())
        made = Step(times=before.times + 1, seconds=round(before.seconds + seconds, 3), last_seconds=round(seconds, 3))
        moved = {table: self.rows.get(table, Rows()) + more for table, more in (rows or {}).items()}
        return Tally(steps=self.steps | {step: made}, rows=self.rows | moved)
