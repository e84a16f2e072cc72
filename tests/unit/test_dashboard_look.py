"""Colours and charts of the dashboards."""

import itertools
import json
from typing import Any

import pytest

from notebooks.look import palette
from notebooks.look.drawing import duration_ticks, is_wide
from notebooks.look.failure_charts import failure_reasons
from notebooks.look.latency_charts import latency_histogram, latency_over_time
from notebooks.look.message_charts import messages_over_time
from notebooks.look.palette import Colour
from notebooks.look.panels import channel_chip, channel_legend

READABLE = 4.5
"""The contrast that WCAG asks for text (success criterion 1.4.3)."""

POINT = {
    "at": "2026-10-25T00:00:00.000Z",
    "outbound": 100,
    "sent": 90,
    "delivered": 70,
    "read": 30,
    "failed": 6,
    "inbound": 4,
}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_texts_are_legible_on_cards_and_on_the_ground(mode: str) -> None:
    surfaces = {colour.name: getattr(colour, mode) for colour in palette.SURFACES}
    for text, under in itertools.product(("ink", "muted", "link", "good", "bad"), ("card", "ground")):
        assert contrast(surfaces[text], surfaces[under]) >= READABLE, (mode, text, under)
    for severity in palette.SEVERITIES.values():
        assert contrast(getattr(severity, mode), surfaces["card"]) >= READABLE, (mode, severity.name)


def test_no_colour_means_two_things() -> None:
    groups: tuple[dict[str, Colour], ...] = (palette.STATUSES, palette.CHANNELS, palette.SEVERITIES)
    for mode in ("light", "dark"):
        values = [getattr(colour, mode) for group in groups for colour in group.values()]
        assert len(values) == len(set(values))


def test_the_states_of_a_bar_exclude_each_other_and_stack_to_all_messages() -> None:
    row = _rows(messages_over_time([POINT], "1h", "UTC", "/messages/?", what="All"))[0]
    assert {name: row[name] for name in ("read", "delivered", "sent", "failed", "queued")} == {
        "read": 30, "delivered": 40, "sent": 20, "failed": 6, "queued": 4,
    }  # fmt: skip


def test_a_bar_stands_at_the_wall_clock_time_of_the_zone_and_links_to_the_moment_itself() -> None:
    row = _rows(messages_over_time([POINT], "1h", "Europe/Rome", "/messages/?", what="All"))[0]
    assert row["at"] == "2026-10-25T02:00:00Z"
    assert (row["from"], row["to"]) == ("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")


def test_there_is_no_chart_of_nothing() -> None:
    nothing = POINT | {"outbound": 0}
    assert messages_over_time([nothing], "1h", "UTC", "/messages/?", what="All") is None
    assert failure_reasons({"email": {"total": 0, "reasons": []}}, "/messages/?") is None
    assert latency_histogram({"email": []}) is None


def test_reasons_are_added_up_over_channels_and_the_commonest_comes_first() -> None:
    found = {
        "email": {"total": 5, "reasons": [{"reason": "bounce", "count": 3}, {"reason": "blocked", "count": 2}]},
        "whatsapp": {"total": 4, "reasons": [{"reason": "blocked", "count": 4}]},
    }
    rows = _rows(failure_reasons(found, "/messages/?status=failed"))
    assert {(row["reason"], row["rank"], row["all"]) for row in rows} == {("Blocked", 0, 6), ("Bounced", 1, 3)}
    assert rows[0]["url"] == "/messages/?status=failed&reason=bounce&channel=email"


@pytest.mark.parametrize(("low", "high"), [(3, 90_000_000), (400, 2_000), (900, 1_100), (60_000, 900_000)])
def test_ticks_of_latencies_are_few_and_round(low: float, high: float) -> None:
    ticks = duration_ticks([low, high], wide=is_wide([low, high]))
    assert 2 <= len(ticks) <= 8
    assert all(float(f"{tick:.2g}") == tick or tick % 60_000 == 0 for tick in ticks)


def _rows(drawing: Any) -> list[dict[str, Any]]:
    _, specification = drawing._mime_()
    rows: list[dict[str, Any]] = json.loads(specification)["data"]["values"]
    return rows


OTHERS = ("sms", "facebook", "other", "push_web", "")


def test_a_channel_that_is_not_known_always_has_the_same_colour_and_no_other_meanings() -> None:
    meant = {*palette.STATUSES.values(), *palette.CHANNELS.values(), *palette.SEVERITIES.values()}
    assert not meant & {*palette.OTHER_CHANNELS}
    for mode in ("light", "dark"):
        card = next(getattr(colour, mode) for colour in palette.SURFACES if colour.name == "card")
        values = [getattr(colour, mode) for colour in (*palette.OTHER_CHANNELS, *meant)]
        assert len(values) == len(set(values))
        # What WCAG asks for graphics (success criterion 1.4.11).
        assert all(contrast(getattr(colour, mode), card) >= 3 for colour in palette.OTHER_CHANNELS)
    assert [palette.channel_colour(code).name for code in ("sms", "facebook")] == ["other-4", "other-3"]
    assert all(f"--corbi-{palette.channel_colour(code).name}:" in palette.style_sheet() for code in OTHERS)


def test_charts_and_legends_are_drawn_of_channels_that_are_not_known() -> None:
    reasons = {"reasons": [{"reason": "bounce", "count": 1}], "total": 1}
    line = [{"at": POINT["at"], "ms": 900, "count": 3}]
    bar = [{"from_ms": 0, "to_ms": 50, "count": 3}]
    for drawing in (
        failure_reasons(dict.fromkeys(OTHERS, reasons), "/messages/?"),
        latency_over_time(dict.fromkeys(OTHERS, line), "UTC", by="channel"),
        latency_histogram(dict.fromkeys(OTHERS, bar)),
    ):
        rows = _rows(drawing)
        assert [row["colour"] for row in rows] == [palette.channel_colour(code).css for code in OTHERS]
        assert [row["name"] for row in rows] == ["Sms", "Facebook", "Other", "Push web", "No channel"]
    assert all(f">{name}<" in channel_legend(OTHERS) for name in ("Sms", "Push web", "No channel"))
    assert "<b>" not in channel_chip("<b>bold</b>")
