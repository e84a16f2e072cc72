"""What messages say: state, measure against limit, duration; worst first; nothing of an alert can break the letter."""

from datetime import timedelta

import pytest

from alerts.notify.letter import html_of, text_of
from alerts.notify.message import Links
from alerts.notify.wording import duration, facts, figure, headline, latest, measure, samples, subject, summary
from alerts.outbox import NoticeKind
from tests.unit.notice_messages import NOW, item, message


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NoticeKind.OPENED, "Critical - "),
        (NoticeKind.ESCALATED, "Critical, still not acknowledged - "),
        (NoticeKind.REOPENED, "Critical, again - "),
        (NoticeKind.SEVERITY_RAISED, "Now critical - "),
        (NoticeKind.RESOLVED, "Resolved - "),
    ],
)
def test_the_headline_begins_with_the_state(kind: NoticeKind, said: str) -> None:
    assert headline(message(item(kind))).startswith(said)


def test_the_all_clear_says_how_long_it_took_and_how_bad_it_was() -> None:
    over = item(NoticeKind.RESOLVED, at=NOW + timedelta(minutes=95), peak=18.25, value=1.0)
    assert subject(message(over)) == "[Alpine Travel] Resolved - 12.4 % of e-mails bounce (lasted 1 h 35 min)"
    assert (measure(over).label, measure(over).value) == ("Peak", "18.25\N{NO-BREAK SPACE}%")
    assert ("Lasted", "1\N{NO-BREAK SPACE}h 35\N{NO-BREAK SPACE}min") in facts(over)


def test_an_alert_stands_once_in_a_message_as_it_is_now_and_the_worst_comes_first() -> None:
    items = [
        item(id=1, severity="warn"), item(id=2, severity="info"), item(id=3),
        item(NoticeKind.RESOLVED, id=3, at=NOW + timedelta(seconds=20)), item(NoticeKind.SEVERITY_RAISED, id=2),
    ]  # fmt: skip
    assert [(entry.alert.id, entry.kind) for entry in latest(items)] == [
        (2, NoticeKind.SEVERITY_RAISED), (1, NoticeKind.OPENED), (3, NoticeKind.RESOLVED),
    ]  # fmt: skip
    assert summary(latest(items)) == "1 critical, 1 warning, 1 resolved"


def test_a_person_who_noted_something_is_quoted() -> None:
    assert ("Note", "the provider is down") in facts(item(note="the provider is down"))


@pytest.mark.parametrize(("channel", "name"), [("email", "E-mail"), ("sms", "Sms"), ("push_web", "Push web")])
def test_a_channel_is_named_whichever_it_is(channel: str, name: str) -> None:
    assert ("Channel", name) in facts(item(channel=channel))


@pytest.mark.parametrize(
    ("value", "threshold", "share", "limit_share"),
    [(0, 0, 0.0, 0.0), (10, 5, 1 / 1.12, 0.5 / 1.12), (2, 8, 0.25 / 1.12, 1 / 1.12), (-3, 2, 0.0, 1 / 1.12)],
)
def test_a_bar_never_leaves_its_frame(value: float, threshold: float, share: float, limit_share: float) -> None:
    shown = measure(item(value=value, threshold=threshold))
    assert (shown.share, shown.limit_share) == (pytest.approx(share), pytest.approx(limit_share))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (5700, "1 h 35 min"),
     (90_000, "1 d 1 h"), (-5, "0 s")],
)  # fmt: skip
def test_a_duration_is_said_in_two_units(seconds: int, said: str) -> None:
    assert duration(timedelta(seconds=seconds)).replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(12.4, "percent", "12.4 %"), (100, "percent of the usual callbacks that are missing", "100 %"),
     (820, "ms", "820 ms"), (42_500, "ms", "42.5 s"), (1, "messages", "1 message"), (3, "messages", "3 messages"),
     (1234.5, "rows", "1,234 rows"), (4.25, "times the usual rate", "4.25 times the usual rate"), (7, "", "7")],
)  # fmt: skip
def test_a_figure_is_said_in_its_unit(value: float, unit: str, said: str) -> None:
    assert figure(item(applied={"unit": unit}).alert, value).replace("\N{NO-BREAK SPACE}", " ") == said


def test_samples_are_short_whatever_a_rule_leaves() -> None:
    shown = samples(
        item(
            details={
                "reasons": [{"reason": "mailbox full", "count": 40}, {"reason": "no such domain", "count": 3}],
                "campaign_id": 812,
                "messages": list(range(1000)),
                "nothing": None,
                "empty": [],
                "text": "x" * 5000,
            }
        ).alert
    )
    assert shown[:3] == [
        ("Reasons", "mailbox full (40), no such domain (3)"), ("Campaign id", "812"), ("Messages", "0, 1, 2"),
    ]  # fmt: skip
    assert len(shown[3][1]) == 300


def test_a_title_is_text_and_never_markup() -> None:
    html = html_of(
        message(item(title="<script>alert(1)</script>", description='"><img src=x>'), organization="A & <b>")
    )
    assert "<script>" not in html
    assert "<img" not in html
    assert "A &amp; &lt;b&gt;" in html


def test_the_letter_loads_nothing() -> None:
    html = html_of(message(item(), item(id=2)))
    for way in ("<img", "<link", "src=", "url(", "@import", "<script"):
        assert way not in html


def test_many_alerts_are_a_few_in_full_a_line_each_and_a_number() -> None:
    everything = message(*(item(id=number, title=f"Alert {number}") for number in range(100)))
    for told in (text_of(everything), html_of(everything)):
        assert "Alert 2" in told
        assert "Alert 23" in told
        assert "Alert 24" not in told
        assert "and 76 more" in told
    assert len(html_of(everything)) < 100_000  # Gmail cuts off what is longer than 102 kB


def test_links_lead_to_the_dashboard_and_the_runbook_where_they_are_published() -> None:
    told = message(item(rule="webhook_silence"))
    assert "https://dash.example.com/alerts/?org=3&amp;id=1" in html_of(told)
    assert "docs/alerts.md#webhook-silence" in html_of(told)
    published = type(told)(**{**vars(told), "links": Links(None, "https://docs.example.com/alerts")})
    assert 'href="https://docs.example.com/alerts#webhook-silence"' in html_of(published)
