"""Writes into the store what history would have raised: for a warehouse that was just loaded.

Belongs here: evaluations of past moments, one after the other. Does not: telling anybody; what is still open at the
end is told by the next evaluation of the clock.
"""

from datetime import timedelta

from alerts.apply import apply
from alerts.database import store, transaction
from alerts.evaluate import ORGANIZATION_RULES, find_all
from alerts.health import note_evaluation
from alerts.overrides import read_thresholds
from alerts.plan import Moment, plan
from alerts.standing import Mutes, read_standings
from alerts.thresholds import load_defaults
from warehouse.facts.fact_lake import held
from warehouse.lake.connection import open_lake
from warehouse.lake.state import read_state
from warehouse.settings import Settings


class _Everything(Mutes):
    """Every alert is muted: an e-mail about yesterday's incident helps nobody."""

    def cover(self, fingerprint: object) -> bool:
        """Always."""
        return True


def catch_up(settings: Settings, length: timedelta, every: timedelta) -> int:
    """Evaluates the last stretch of what the lake holds; returns how many evaluations that took.

    Raises WarehouseEmptyError, WarehouseUnavailableError.
    """
    defaults = load_defaults(settings.alert_thresholds)
    with store(settings) as engine, open_lake(settings, read_only=True) as lake:
        thresholds, end = read_thresholds(engine, defaults), read_state(lake).as_of
        with held(lake, end - length, end) as facts:
            moments = [end - every * number for number in range(length // every, -1, -1)]
            for moment, findings in zip(moments, find_all(facts, moments, thresholds), strict=True):
                at = Moment(moment, moment)
                with transaction(engine) as session:
                    standings = read_standings(session, ORGANIZATION_RULES, moment)
                apply(engine, plan(findings, standings, thresholds, at), _Everything(), at)
        note_evaluation(engine, at)
    return len(moments)
