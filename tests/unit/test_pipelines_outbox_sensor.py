"""When a pass over the outbox is started, and why not; and what its run shows."""

from alerts.delivery.overview import Due
from alerts.delivery.run import DeliveryReport
from pipelines.delivery_report import delivery_metadata
from pipelines.outbox_sensor import plan_delivery


def test_a_run_under_way_keeps_the_next_from_starting() -> None:
    plan = plan_delivery(Due(notices=3, messages=1, targets=2), ("abc",))
    assert not plan.launches
    assert "abc" in plan.reason


def test_nothing_starts_when_nothing_is_due() -> None:
    assert plan_delivery(Due(notices=0, messages=0, targets=2), ()).reason == "Nothing is due."


def test_what_is_due_starts_a_run() -> None:
    assert plan_delivery(Due(notices=1, messages=0, targets=1), ()).launches
    assert plan_delivery(Due(notices=0, messages=1, targets=1), ()).launches


def test_without_any_target_no_run_starts_and_the_notices_are_written_off() -> None:
    plan = plan_delivery(Due(notices=5, messages=0, targets=0), ())
    assert (plan.launches, plan.settles) == (False, True)


def test_a_target_in_trouble_stands_in_the_run_with_its_error() -> None:
    metadata = delivery_metadata(
        DeliveryReport({"told": 4}, sent=1, failed=1, troubles={"https://x/…": "HTTP 410 a|b"})
    )
    assert metadata["messages_failed"].value == 1
    assert "| https://x/… | HTTP 410 a/b |" in str(metadata["targets_in_trouble"].value)
    assert "targets_in_trouble" not in delivery_metadata(DeliveryReport())
