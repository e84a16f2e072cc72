"""The rule file: well formed, without a dead rule, and what an operator's own file may and may not do.

Belongs here: claims about failure_rules.toml and how it is read. Does not: what texts mean (test_failure_reasons.py).
"""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.failure_texts import DEVELOPMENT, HELD_OUT, INDEPENDENT, WRITTEN_BY
from warehouse.errors import SettingsError
from warehouse.failure_reasons import FINER_CODES, Reason, classify, load_rules, rules_version
from warehouse.failure_reasons.rules import Rule
from warehouse.settings import load_settings

RULES = load_rules().rules
PLAIN_CODE_RULES = [rule for rule in RULES if rule.codes and not rule.text]

BARE_FORMS = {
    "twilio": ("Twilio error {}", "whatsapp"),
    "meta": ("(#{})", "whatsapp"),
    "enhanced": ("{}", "email"),
    "http": ("HTTP Error {}", "email"),
    "reply": ("{}: ", "email"),
}
"""How a code is written when it is all that a text says, and a channel on which it is."""

RECEIVER_FORMS = {
    r"\d{3}": "OFR_{}",
    r"\d{4}": "AUP#{}",
    r"(TSS|[A-Z]{2})\d\d": "[{}]",
    r"S\d{4}": "({})",
    ".*": "{}",
}
"""How a receiver writes its own code: Orange, Spectrum, Yahoo, Outlook, and all others."""


def bare(family: str, code: str) -> tuple[str, str]:
    """A text that says nothing but this code, and its channel."""
    if family == "meta" and len(code) == 7:
        return f"error_subcode: {code}", "whatsapp"
    if family != "receiver":
        form, channel = BARE_FORMS[family]
        return form.format(code), channel
    form = next(form for code_like, form in RECEIVER_FORMS.items() if re.fullmatch(code_like, code))
    return form.format(code), "email"


def an_example_of(code: str) -> str:
    """A code that a rule's `?`, `*` and `[…]` stand for."""
    code = re.sub(r"\[(.)[^\]]*\]", r"\1", code).replace("??", "54").replace("?", "5")
    return {"5.*": "5.0.0", "4.*": "4.9.9"}.get(code, code.replace("*/", "7/").replace("*", "99"))


def test_every_rule_has_a_source_and_a_finer_code_of_its_reason() -> None:
    assert [rule.name for rule in RULES if not rule.source.strip() or rule.finer not in FINER_CODES[rule.reason]] == []


def test_every_finer_code_is_given_by_some_rule() -> None:
    given = {(rule.reason, rule.finer) for rule in RULES}
    assert {(reason, finer) for reason, codes in FINER_CODES.items() for finer in codes} - given == set()


def test_every_rule_decides_a_known_text_or_is_for_a_code_alone() -> None:
    known = (*WRITTEN_BY, *INDEPENDENT, *DEVELOPMENT, *HELD_OUT)
    deciding = {classify(one.text, one.channel).rule for one in known}
    assert [rule.name for rule in RULES if rule.name not in deciding and (rule.text or not rule.codes)] == []


@pytest.mark.parametrize("rule", PLAIN_CODE_RULES, ids=lambda rule: rule.name)
def test_each_code_of_a_rule_alone_is_decided_by_that_rule(rule: Rule) -> None:
    for code in map(an_example_of, rule.codes):
        text, channel = bare(rule.family, code)
        if "/" in code:
            text = '{{"code":{},"error_subcode":{}}}'.format(*code.split("/"))
        assert classify(text, *(rule.channels or [channel])).rule == rule.name, text


def test_no_code_is_in_two_rules_that_ask_for_nothing_else() -> None:
    named = [(rule.family, code) for rule in PLAIN_CODE_RULES if not rule.channels for code in rule.codes]
    assert [pair for pair in named if named.count(pair) > 1] == []


GOOD = """
[[rule]]
name = "relay"
reason = "blocked"
finer = "policy"
text = ['''quarantined by the relay''']
source = "its handbook"
"""


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    for cached in (load_settings, load_rules, rules_version, classify):
        cached.cache_clear()


def written(folder: Path, text: str) -> Path:
    file = folder / "own_rules.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_operators_rules_come_before_ours(tmp_path: Path) -> None:
    own = GOOD.replace("quarantined by the relay", "user unknown")
    failure = load_rules(written(tmp_path, own)).judge("550 5.1.1 User unknown", "email")
    assert (failure.reason, failure.rule) == (Reason.BLOCKED, "relay")
    assert classify("550 5.1.1 User unknown", "email").reason is Reason.INVALID


def test_case_is_ignored_in_a_rule_and_its_escapes_keep_their_meaning(tmp_path: Path) -> None:
    own = GOOD.replace("quarantined by the relay", r"Quarantined\SBy \D+ RELAY \d")
    book = load_rules(written(tmp_path, own))
    assert book.judge("554 QUARANTINED-by the Relay 4", "email").rule == "relay"
    assert book.judge("554 quarantined by the relay 4", "email").rule != "relay"


def test_an_operators_words_change_only_the_operators_rules(tmp_path: Path) -> None:
    own = "[words]\nmailbox = 'pigeonhole'\n" + GOOD.replace("quarantined by", "%mailbox% closed by")
    book = load_rules(written(tmp_path, own))
    assert book.judge("pigeonhole closed by the relay", "email").rule == "relay"
    assert book.judge("mailbox full", "email").code == "mailbox_full"


def test_an_operators_family_gives_its_codes_a_reason(tmp_path: Path) -> None:
    own = """
        [[family]]
        name = "gateway"
        shown = "GW {}"
        patterns = ['''\\bGW-(?P<code>\\d+)''']
        [[rule]]
        name = "gateway-throttled"
        reason = "rate-limit"
        finer = "throttled"
        family = "gateway"
        codes = ["9?"]
        source = "the gateway's handbook"
    """
    failure = load_rules(written(tmp_path, own)).judge("550 refused, GW-97", "email")
    assert (failure.reason, failure.provider_code) == (Reason.RATE_LIMIT, "GW 97")


@pytest.mark.usefixtures("fresh_settings")
def test_the_setting_puts_an_operators_file_in_force_and_changes_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rules_version()
    assert classify("quarantined by the relay", "email").rule != "relay"
    forget()
    monkeypatch.setenv("CORBI_FAILURE_RULES", str(written(tmp_path, GOOD)))
    assert classify("quarantined by the relay", "email").rule == "relay"
    assert rules_version() != before


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (GOOD.replace("blocked", "blockd"), r"rule relay: reason: Input should be"),
        (GOOD.replace('"policy"', '"mailbox_full"'), r"rule relay: .*'mailbox_full' is no finer code of 'blocked'"),
        (GOOD.replace("quarantined", "(quarantined"), r"rule relay: text\.0: .*bad regular expression"),
        (GOOD.replace("quarantined", "(?P<who>x)"), r"rule relay: .*named group"),
        (GOOD.replace("quarantined", "%nobody%"), r"rule relay: the word %nobody% is not among"),
        (GOOD.replace("source =", "sauce ="), r"rule relay: source: Field required; sauce: Extra inputs"),
        (GOOD.replace("its handbook", ""), r"rule relay: source: .*at least 1"),
        (GOOD.replace("text =", "unless ="), r"rule relay: .*neither codes nor text"),
        (GOOD + "codes = ['97']\n", r"rule relay: .*codes and family are given together"),
        (GOOD + "codes = [97]\nfamily = 'reply'\n", r"rule relay: codes\.0: .*valid string"),
        (GOOD + "codes = ['97']\nfamily = 'pigeon'\n", r"rule relay: no family is named 'pigeon'; there are .*twilio"),
        (GOOD.replace('name = "relay"', ""), r"rule no\. 1, which has no name: name: Field required"),
        (GOOD + GOOD, r"2 times a rule named 'relay'"),
        (GOOD.replace("relay", "text-spam"), r"2 times a rule named 'text-spam'"),
        (GOOD.replace("[[rule]]", "[rule]"), r"own_rules\.toml has \[rule\]; write \[\[rule\]\]"),
        (GOOD.replace("[[rule]]", "[[rules]]"), r"own_rules\.toml has \['rules'\]; only"),
        ("words = 3", r"own_rules\.toml: \[words\] must"),
        ("[[rule]", r"own_rules\.toml is not TOML"),
        ("[[family]]\nname = 'gateway'\npatterns = ['GW']\n", r"family gateway: .*no group \(\?P<code>"),
    ],
)
def test_a_bad_rule_file_is_refused_by_an_error_that_names_the_rule(tmp_path: Path, given: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load_rules(written(tmp_path, given))


def test_a_rule_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml can't be read"):
        load_rules(tmp_path / "nowhere.toml")


GUIDE = (Path(__file__).parents[2] / "docs" / "failure-reasons.md").read_text(encoding="utf-8")


def test_the_guides_example_of_an_operators_file_works(tmp_path: Path) -> None:
    example = GUIDE[GUIDE.index("    [[rule]]") : GUIDE.index("- A rule needs")]
    book = load_rules(written(tmp_path, textwrap.dedent(example)))
    assert book.judge("554 quarantined by relay", "email").rule == "relay-quarantine"
    assert book.judge("GW-45: busy", "whatsapp").provider_code == "GW 45"


def test_the_guide_names_every_reason_with_its_finer_codes() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in GUIDE.splitlines() if line.startswith("| ")]
    assert {reason.value: ", ".join(codes) for reason, codes in FINER_CODES.items()} == {
        name: codes for name, _, codes in (row for row in rows if len(row) == 3) if name in set(Reason)
    }
