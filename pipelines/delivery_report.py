"""What a pass over the outbox did, as a run's metadata.

Belongs here: from the report to metadata, purely. Does not: the pass (alerts/delivery/).
"""

from collections.abc import Mapping

import dagster as dg

from alerts.delivery.run import DeliveryReport


def delivery_metadata(report: DeliveryReport) -> Mapping[str, dg.MetadataValue]:
    """How much was sent, and each target that is in trouble with its last error."""
    counts = {
        "notices_told": report.notices.get("told", 0),
        "notices_without_target": report.notices.get("no_target", 0),
        "messages_sent": report.sent,
        "messages_to_try_again": report.later,
        "messages_failed": report.failed,
    }
    rows = [f"| {target} | {cause.replace('|', '/')} |" for target, cause in report.troubles.items()]
    table = "\n".join(["| target | last error |", "| --- | --- |", *rows])
    trouble = {"targets_in_trouble": dg.MetadataValue.md(table)} if rows else {}
    return {**{name: dg.MetadataValue.int(count) for name, count in counts.items()}, **trouble}
