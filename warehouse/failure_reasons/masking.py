r"""Takes addresses, numbers and ids out of an error text before it is stored; provider codes stay in.

Belongs here: the one list of replacements, and its two forms, in Python and as a DuckDB expression. Does not: what
a text means (failure_reasons/ reads the masked text).

Both forms give the same answer because the patterns keep to what Python's `re` (ASCII classes) and RE2 share: no
look-around, no back-references, no case folding, no `.` and no `$`. The order matters: what is wanted later (a
code, a blocklist's name) is brought to safety before the step that would take it. A code is kept by a mark, a
control character that can't occur in the text any more, put between its digits until the numbers are done.
"""

import re
from functools import cache
from typing import NamedTuple

from warehouse.lake.sql import quoted

MAX_LENGTH = 200
"""Characters of a template. Texts that differ only beyond are one failure."""

READ_LENGTH = 1000
"""Characters of a text that are looked at: some providers answer with a whole web page."""

_MARK = "\x01"
_NOT_LAST = "0123456789 "
"""What a template that was cut can't end with: half a code would be another code."""


class Replacement(NamedTuple):
    """One step: every match of `pattern` becomes `by`, which may name groups."""

    pattern: str
    by: str


_BLANK = r"[\x00-\x1f\x7f\xa0]|\\[nrt]|\"type\": ?\"[A-Za-z]+\","
_SPACE = Replacement(rf"(?:[ ]|{_BLANK}){{2,}}|{_BLANK}", " ")
"""Line ends, control characters, the \\n that Python writes when it shows bytes, Meta's "type": all one space."""

_WORD = r"A-Za-z0-9_+/\-"
_TURN = r"(?:[A-Za-z][0-9]|[0-9][A-Za-z])"
_REST = rf"[{_WORD}.:=]"
_STOP = r" <>()\[\]{},;\"@"
_HEX = "[0-9A-Fa-f]{1,4}"
_TOP_LEVEL = "[A-Z]{2}|COM|NET|ORG|EDU|GOV|INFO|BIZ|LOCAL"
_BLOCKLISTS = (
    "spamhaus|spamcop|barracudacentral|barracudanetworks|sorbs|uceprotect|abusix|abuseat|invaluement|mailspike|surbl"
    "|uribl|cloudmark|proofpoint|senderscore|senderbase|talosintelligence|spfbl|junkemailfilter|trendmicro|ipremoval"
    "|delist|dnsbl|rbl|blocklist|blacklist"
)
"""Names of public blocklists and of those who ask to be asked for removal: they say who refused, never about whom."""
_RECEIVER_CODES = r"\bIP(?:TS|BL|VS|PH)|\bAUP#(?:In-|Out-|[A-Za-z]{1,3}-?)?|\(S|\b(?:POL|RCP|INT|MSG|DNS|CON)-[PT]"
"""What Yahoo, Spectrum, Outlook and Facebook begin their own codes with."""
_OWNER = "[Uu]ser|[Mm]ailbox|[Aa]ccount|[Rr]ecipient|[Aa]lias|[Uu]tente|[Cc]asella|[Dd]estinatario"
_UNIT = "ms|se?cs?|seconds?|secondi|min|minutes?|minuti|hours?|ore|days?|giorni|bytes?|[KkMG]i?[Bb]"
_COUNTED = "messages|recipients|connections|attempts|characters|chars|times|retries|errors"
_BEFORE_QUANTITY = (
    "after|exceed(?:ed|s)|than|timeout|of|by|line|size|limit|attempt|parameter|organization|chat|score|id"
)
_BEFORE_CODE = "[Cc]od(?:e|ice)|CODE|[Ee]rrore?|ERROR"
_BEFORE_PLAIN_CODE = "Twilio|was|with|returned|[Ee]rror|ERROR|[Ee]rr|[Ff]ailed|[Uu]ndelivered|[Rr]eason|[Ss]tatus"

REPLACEMENTS: tuple[Replacement, ...] = (
    # Of a URL stays who refused, where that is public (spamhaus.<url>), and the code that Twilio's page explains.
    Replacement(
        rf"[a-z]{{2,8}}://(?:(?:[A-Za-z0-9-]+\.)*((?:{_BLOCKLISTS})\.)|[a-z.]+/docs/(?:api/)?(errors/[0-9]{{5}}\b))?"
        r"[^ <>\"')\]}]*",
        r"\1<url>\2",
    ),
    Replacement(
        rf"<?(?:\"[^\"@]{{1,64}}\"|[^ :'{_STOP}][^ :{_STOP}]*)@(?:\[[0-9A-Fa-f.:]+\]|[^ :'{_STOP}]+)>?",
        "<email>",
    ),
    Replacement(rf"((?:{_OWNER})(?:[ :=]{{1,2}}|[\"']: ?)[\"'])[^\"'<>]{{1,64}}", r"\1<name>"),
    # 4.3.2.1.zen.spamhaus.org becomes spamhaus: which list it was tells the reader whom to ask.
    Replacement(rf"\b(?:[A-Za-z0-9-]+\.)*({_BLOCKLISTS})\.[a-z.]+", r"\1"),
    # What says that it is a code keeps its digits: "code":2018278, (#131026), error 48213, [IPTS04]; and where a code
    # of Twilio's or WhatsApp's may stand, a number that begins like one.
    Replacement(
        rf"(?:((?:(?:{_BEFORE_CODE})[\"']?[ :=#(]{{0,3}}[\"']?|\(#)[0-9]{{1,3}})([0-9]{{1,4}})"
        rf"|((?:^|[\[(]|: |\] |errors/|(?:{_BEFORE_PLAIN_CODE})(?: -)? )(?:2[01]|30|63|13|80)[0-9])([0-9]{{2,3}})"
        rf"|({_RECEIVER_CODES})([0-9]{{1,4}}))\b",
        rf"\1\3\5{_MARK}\2\4\6",
    ),
    # A host, and what Python shows of a connection to one. Exchange names its causes like hosts (QUEUE.Expired), so
    # what is written in capitals must end like one.
    Replacement(
        rf"<[A-Za-z0-9_. ]+ at 0x[0-9a-f]+>|\b(?:[A-Za-z0-9_-]+\.)+(?:[a-z]{{2,}}|{_TOP_LEVEL})\b(?::[0-9]+)?"
        r"(?:/[^ <>()\[\]{},;\"']*)?",
        "<host>",
    ),
    Replacement(
        rf"\b(?:{_HEX}:){{1,7}}:(?:{_HEX}:){{0,6}}(?:{_HEX}\b)?|\b(?:{_HEX}:){{3,7}}{_HEX}\b"
        r"|\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b",
        "<ip>",
    ),
    # Queue ids, uuids, tokens, wamid.…: what is called an id, letters and digits side by side, or anything very long.
    Replacement(
        r"((?:trace|request|message|msg|queue)[_ -]?[Ii][Dd][\"']?[ :=]{1,2}[\"']?)"
        r"[A-Za-z0-9_.+/=-]+(?::[A-Za-z0-9_.+/=-]+)*"
        rf"|\b(?:[{_WORD}]?{_TURN}{_REST}{{3,}}|[{_WORD}]{{2,}}{_TURN}{_REST}{{2,}}"
        rf"|[{_WORD}]{{3,}}{_TURN}{_REST}?|[{_WORD}=]{{40,}})",
        r"\1<id>",
    ),
    # Long numbers and what is written like a telephone number; dates, times, quantities, and four to six digits that
    # were not marked as a code.
    Replacement(
        r"\+?[0-9]{7,}|\+[0-9]{1,4}(?:[ .-]\(?[0-9]{2,8}\)?)+"
        r"|\b3[0-9]{2}(?:[ ./-][0-9]{6,7}|(?:[ .-][0-9]{2,4}){2,3})\b|\(?\b[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}\b"
        rf"|(^|[^0-9A-Za-z_.{_MARK}])(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?"
        rf"|[0-9]+(?:\.[0-9]+)?(?:s| ?(?:{_UNIT})| (?:{_COUNTED}))\b|[0-9]{{4,6}}\b)"
        rf"|(\b(?:{_BEFORE_QUANTITY})[ :=]{{1,2}}|[A-Za-z]\.(?:c:)?)[0-9][0-9{_MARK}]*(?:\.[0-9]+)?\b",
        r"\1\2<number>",
    ),
)
"""The steps in their order. Each runs over every error text of the source, so they are few."""


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(step.pattern, re.ASCII), step.by) for step in (_SPACE, *REPLACEMENTS))


def mask(text: str) -> str:
    """The template of an error text: at most MAX_LENGTH characters, no address, number, name or id but codes."""
    masked = text[:READ_LENGTH]
    for pattern, by in _compiled():
        masked = pattern.sub(by, masked)
    masked = masked.replace(_MARK, "").strip(" ")
    return masked if len(masked) <= MAX_LENGTH else masked[:MAX_LENGTH].rstrip(_NOT_LAST)


def mask_sql(expression: str) -> str:
    """The DuckDB expression that gives `mask` of a VARCHAR expression; NULL stays NULL."""
    masked = f"left({expression}, {READ_LENGTH})"
    for pattern, by in (_SPACE, *REPLACEMENTS):
        masked = f"regexp_replace({masked}, {quoted(pattern)}, {quoted(by)}, 'g')"
    # The ends are patterns too: DuckDB's replace and rtrim take three times as long.
    masked = f"regexp_replace(ltrim(regexp_replace({masked}, chr(1), '', 'g'), ' '), ' +$', '')"
    cut = f"rtrim(left(x, {MAX_LENGTH}), '{_NOT_LAST}')"
    # The list is there to name the text, which is thus written and computed once.
    return f"list_transform([{masked}], lambda x: case when length(x) > {MAX_LENGTH} then {cut} else x end)[1]"
