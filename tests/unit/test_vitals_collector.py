"""Metrics of a part that can't be read are missing, never zero, and hold up nobody else's."""

import threading
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.core import Metric

from api.vitals.collector import VitalsCollector
from api.vitals.families import ALERTS, LAKE_DAMAGED, PASSES
from warehouse.errors import WarehouseUnavailableError


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opened at the end, so that no thread outlives a test."""
    opened = threading.Event()
    yield opened
    opened.set()


def samples(collector: VitalsCollector) -> dict[str, dict[str, float]]:
    """Values by metric and first label."""
    return {
        metric.name: {next(iter(sample.labels.values()), ""): sample.value for sample in metric.samples}
        for metric in collector.collect()
    }


def passes() -> list[Metric]:
    return [PASSES.at(7)]


def raising(error: Exception) -> Callable[[], list[Metric]]:
    def read() -> list[Metric]:
        raise error

    return read


@pytest.mark.parametrize("error", [WarehouseUnavailableError("it is gone"), ZeroDivisionError("a mistake of ours")])
def test_a_part_that_fails_is_left_out_and_said_so(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    found = samples(VitalsCollector({"lake": passes, "catalog": raising(error)}))
    assert found == {"corbi_passes": {"": 7.0}, "corbi_up": {"lake": 1.0, "catalog": 0.0}}
    assert "Metrics of catalog are left out" in caplog.text
    assert str(error) in caplog.text


def test_a_part_that_fails_on_its_way_gives_nothing_of_it() -> None:
    def half() -> Iterator[Metric]:
        yield LAKE_DAMAGED.at(1)
        raise WarehouseUnavailableError("it is gone")

    assert samples(VitalsCollector({"catalog": half})) == {"corbi_up": {"catalog": 0.0}}


def test_a_part_that_hangs_is_left_out_and_asked_once(gate: threading.Event) -> None:
    asked = []

    def hanging() -> list[Metric]:
        asked.append(1)
        gate.wait(60)
        return [ALERTS.by({("warn", "open"): 1})]

    collector = VitalsCollector({"lake": passes, "alerts": hanging}, seconds=0.05)
    for _ in range(3):
        assert samples(collector) == {"corbi_passes": {"": 7.0}, "corbi_up": {"lake": 1.0, "alerts": 0.0}}
    assert len(asked) == 1


def test_a_part_that_answers_again_is_there_again(gate: threading.Event) -> None:
    def slow() -> list[Metric]:
        gate.wait(60)
        return passes()

    collector = VitalsCollector({"lake": slow}, seconds=0.05)
    assert samples(collector)["corbi_up"] == {"lake": 0.0}
    gate.set()
    patient = VitalsCollector({"lake": slow}, seconds=60)
    assert samples(patient)["corbi_passes"] == {"": 7.0}
