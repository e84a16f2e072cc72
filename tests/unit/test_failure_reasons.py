"""What failure texts mean, and which of two readings wins.

Belongs here: claims about `classify`. Does not: the rule file's form (test_failure_reasons_rule_file.py), masking
(test_masking.py), stored reasons (tests of the rollups).
"""

import random
from collections import Counter

import pytest

from demo.texts import render, texts
from tests.unit.failure_texts import CORPUS, DEVELOPMENT, HELD_OUT, INDEPENDENT, WRITTEN_BY, Known
from warehouse.failure_reasons import Reason, classify
from warehouse.failure_reasons.masking import mask


def misread(known: list[Known]) -> list[str]:
    found = [(one, classify(one.text, one.channel)) for one in known]
    return [
        f"{one.channel}: {one.text!r} is {one.reason}, read as {failure.reason.value} by {failure.rule}"
        for one, failure in found
        if failure.reason.value != one.reason
    ]


def as_stored(one: Known) -> Known:
    """As the classification meets it: masked, as when a text is extracted."""
    return one._replace(text=mask(one.text))


def test_every_text_by_which_the_rules_were_written_has_its_reason() -> None:
    assert len(WRITTEN_BY) >= 300
    assert misread(WRITTEN_BY) == []


def test_of_independently_labelled_texts_at_least_95_percent_have_their_reason() -> None:
    assert len(INDEPENDENT) >= 250
    missed = misread(INDEPENDENT)
    assert len(missed) <= 0.05 * len(INDEPENDENT), "\n".join(missed)


def test_of_the_held_out_texts_of_public_sources_at_least_95_percent_have_their_reason() -> None:
    assert len(HELD_OUT) >= 1400
    missed = misread([as_stored(one) for one in HELD_OUT])
    assert len(missed) <= 0.05 * len(HELD_OUT), "\n".join(missed)


@pytest.mark.parametrize("reason", ["invalid", "bounce", "blocked", "opt-out", "rate-limit", "network"])
def test_of_each_reason_at_least_90_percent_of_the_held_out_texts_have_it(reason: str) -> None:
    of_the_reason = [as_stored(one) for one in HELD_OUT if one.reason == reason]
    missed = misread(of_the_reason)
    assert len(missed) <= 0.1 * len(of_the_reason), "\n".join(missed)


def test_what_is_read_as_a_reason_is_that_reason_for_at_least_90_percent() -> None:
    read: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for one in map(as_stored, HELD_OUT):
        reason = classify(one.text, one.channel).reason.value
        read[reason] += 1
        right[reason] += reason == one.reason
    del read["unknown"]
    assert {reason: right[reason] / read[reason] for reason in read if right[reason] < 0.9 * read[reason]} == {}


def test_at_most_2_percent_of_the_held_out_texts_are_unknown_though_they_tell_a_cause() -> None:
    unread = [one for one in map(as_stored, HELD_OUT) if classify(one.text, one.channel).reason is Reason.UNKNOWN]
    assert len([one for one in unread if one.reason != "unknown"]) <= 0.02 * len(HELD_OUT)


def test_of_the_texts_by_which_rules_were_mended_at_least_97_percent_have_their_reason() -> None:
    missed = misread([as_stored(one) for one in DEVELOPMENT])
    assert len(missed) <= 0.03 * len(DEVELOPMENT), "\n".join(missed)


def test_no_two_lists_share_a_template_and_no_two_halves_a_source() -> None:
    lists = [{mask(one.text) for one in known} for known in (WRITTEN_BY, INDEPENDENT, HELD_OUT, DEVELOPMENT)]
    assert sum(map(len, lists)) == len(set().union(*lists))
    halves = {(one.source, one.half) for one in CORPUS}
    assert len(halves) == len({source for source, _ in halves})


def test_every_reason_is_met_in_the_independent_list() -> None:
    assert {one.reason for one in INDEPENDENT} == {reason.value for reason in Reason}


def test_a_masked_text_means_what_the_raw_text_means() -> None:
    source = random.Random(5)
    rendered = [
        Known(text.channel, "", render(source, text.text, email="mario.rossi@example.it", phone="+393401234567"))
        for text in texts()
        for _ in range(5)
    ]
    known = [*WRITTEN_BY, *INDEPENDENT, *HELD_OUT, *DEVELOPMENT, *rendered]
    differ = [one for one in known if classify(one.text, one.channel) != classify(mask(one.text), one.channel)]
    assert differ == []


def test_the_reason_does_not_depend_on_whom_it_was_for() -> None:
    for text in texts():
        reasons = {
            classify(render(random.Random(seed), text.text, email=f"n{seed}@example.org", phone="+39340"), text.channel)
            for seed in range(20)
        }
        assert len({(failure.reason, failure.code) for failure in reasons}) == 1, text.text


@pytest.mark.parametrize("text", ["", " ", "\n", "☃", "qwertz", "<html><body></body></html>", "x" * 5_000])
def test_a_text_that_says_nothing_is_unknown(text: str) -> None:
    failure = classify(text, "email")
    assert (failure.reason, failure.code, failure.provider_code) == (Reason.UNKNOWN, "unknown", None)


@pytest.mark.parametrize("known", [*WRITTEN_BY[::20], *INDEPENDENT[::20]])
def test_without_a_channel_a_text_is_read_all_the_same(known: Known) -> None:
    assert classify(known.text).reason in Reason


@pytest.mark.parametrize(
    ("claim", "channel", "text", "reason", "code"),
    [
        ("specific text beats generic code", "email", "550 5.7.1 User unknown", "invalid", "user_unknown"),
        ("specific text beats generic code", "email", "550 5.0.0 listed at zen.spamhaus.org", "blocked", "reputation"),
        ("specific text beats generic code", "email", "554 5.3.0 mailbox is full", "bounce", "mailbox_full"),
        ("specific text beats generic code", "email", "550 5.2.0 message is spam", "blocked", "spam"),
        ("specific text beats generic code", "email", "550 5.1.1 mailbox is full", "bounce", "mailbox_full"),
        (
            "specific text beats generic code",
            "email",
            "450 4.2.1 receiving mail too quickly",
            "rate-limit",
            "throttled",
        ),
        (
            "a blocklist beats the word bounce",
            "email",
            "bounced: blocked using zen.spamhaus.org",
            "blocked",
            "reputation",
        ),
        ("a code beats a text of little say", "email", "550 5.1.1 rejected", "invalid", "user_unknown"),
        ("a code beats a text of little say", "email", "550 5.2.2 not accepted", "bounce", "mailbox_full"),
        ("an enhanced code beats a reply", "email", "550 5.7.26 no", "blocked", "authentication"),
        ("an enhanced code beats a reply", "email", "554 4.4.7 no", "network", "expired"),
        ("a cause beats its symptom", "email", "421 4.7.26 rate limited: unauthenticated", "blocked", "authentication"),
        (
            "a sending quota is no full mailbox",
            "email",
            "550 5.4.5 Daily sending quota exceeded",
            "rate-limit",
            "quota",
        ),
        (
            "a refused socket is nobody's refusal",
            "email",
            "connect to a.b.it[1.2.3.4]:25: Connection refused",
            "network",
            "connection",
        ),
        (
            "an opt-out beats the refusal it caused",
            "email",
            "550 5.7.1 recipient has unsubscribed",
            "opt-out",
            "unsubscribed",
        ),
        (
            "Twilio's code beats its text",
            "whatsapp",
            "Twilio error 63016: Rate limit exceeded",
            "blocked",
            "window_closed",
        ),
        ("Meta's code beats its text", "whatsapp", "(#131050) Message undeliverable", "opt-out", "unsubscribed"),
        ("a subcode beats its code", "instagram", '{"code":10,"error_subcode":2018278}', "blocked", "window_closed"),
        ("a bare code is what remains", "instagram", '{"code":10}', "invalid", "credentials"),
        ("a reply alone is what remains", "email", "550", "bounce", "other_bounce"),
        ("a temporary reply alone is what remains", "email", "451", "network", "provider_unavailable"),
    ],
)
def test_precedence(claim: str, channel: str, text: str, reason: str, code: str) -> None:
    failure = classify(text, channel)
    assert (failure.reason.value, failure.code) == (reason, code), f"{claim}: decided by {failure.rule}"


def test_the_channel_keeps_one_providers_codes_apart_from_anothers() -> None:
    assert classify("(#4) no", "instagram").reason is Reason.RATE_LIMIT
    assert classify("(#4) no", "email").reason is Reason.UNKNOWN
    assert classify("550 5.1.1", "telegram").provider_code is None


@pytest.mark.parametrize(
    ("channel", "text", "provider_code"),
    [
        ("email", "550 5.1.1 <mario@example.it> unknown", "550 5.1.1"),
        ("email", "550-5.7.26 Unauthenticated", "550 5.7.26"),
        ("email", "(421, b'4.7.0 Too many messages')", "421 4.7.0"),
        ("email", "sorry, no mailbox here (#5.1.1)", "5.1.1"),
        ("email", "552 no", "552"),
        ("email", "HTTP Error 429: Too Many Requests", "HTTP 429"),
        ("whatsapp", "Twilio error 63016: window", "63016"),
        ("whatsapp", "(#131026) Message undeliverable", "131026"),
        ("instagram", 'Instagram status 400: {"error":{"code":10,"error_subcode":2018278}}', "10/2018278"),
        ("telegram", "Forbidden: bot was blocked by the user", None),
    ],
)
def test_the_provider_code_is_shown_as_the_provider_writes_it(
    channel: str, text: str, provider_code: str | None
) -> None:
    assert classify(text, channel).provider_code == provider_code
