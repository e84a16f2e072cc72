r"""The replacements that make a template of an error text, in their order.

Belongs here: what is looked for, and what stands in its place. Does not: running them (masking.py), what a host's name
ends with (hosts.py), what a text means (rules.py).

Python and DuckDB give the same answer because the patterns keep to what Python's `re` (ASCII classes) and RE2 share: no
look-around, no back-references, no case folding, no `.`, and `$` only where no line can end any more. What look-around
would say is said by a mark, a control character that can't occur in the text: a first step puts it beside what must
stay, and a later one doesn't take what has it.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

from warehouse.failure_reasons.hosts import endings

MARK = "\x01"


class Replacement(NamedTuple):
    """One step: every match of `pattern` becomes `by`, which may name groups."""

    pattern: str
    by: str


def _ranges(characters: list[int]) -> str:
    """Code points as the inside of a character class."""
    ranges: list[list[int]] = []
    for point in characters:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in ranges)


_POINTS = range(0x80, 0x20000)  # beyond are ideographs and what nobody writes
_BLANKS = _ranges([point for point in _POINTS if chr(point).isspace()])
_FOREIGN_DIGITS = _ranges([point for point in _POINTS if unicodedata.category(chr(point)) == "Nd"])
_DIGIT = f"[0-9{_FOREIGN_DIGITS}]"
_INVISIBLE = _ranges([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
"""What address books and chats leave in a copied number: soft hyphens, zero-width characters, directions."""

_BLANK = rf"[\x00-\x1f\x7f{_BLANKS}]|\\[nrt]|\"type\": ?\"[A-Za-z]+\","
SPACE = Replacement(rf"(?:[ ]|{_BLANK}){{2,}}|{_BLANK}", " ")
"""Line ends, control characters, the \\n that Python writes when it shows bytes, Meta's "type": all one space."""

_WORD = r"A-Za-z0-9_+/\-"
_LABEL = rf"[A-Za-z0-9_{_ranges([*range(0xC0, 0x250), *range(0x370, 0x2000)])}-]+"
"""A part of a host's name, in scripts that put blanks between words: in others it would take the sentence along."""
_TURN = r"(?:[A-Za-z][0-9]|[0-9][A-Za-z])"
_REST = rf"[{_WORD}.:=]"
_STOP = r" <>()\[\]{},;\"@"
_AT = r"(?:@|＠|%(?:25)*40|\\u0040|&#64;| ?[(\[]at[)\]] ?)"
_COLON_SLASHES = r"(?::|%3[Aa])(?://|\\/\\/|(?:%2[Ff]){2})"
_HEX = "[0-9A-Fa-f]{1,4}"
_CURLY = "“”„‟‘’‚«»‹›"
_QUOTE = rf"(?:\\?[\"'`]|&quot;|[{_CURLY}])"
_IN_QUOTES = rf"[^\"'`{_CURLY}<>\\{MARK}][^\"'`{_CURLY}<>\\]*(?:'[A-Za-z][^\"'`{_CURLY}<>\\]*)*"
"""What stands in quotes, an apostrophe within a name included; not what a mark keeps."""
_BLOCKLISTS = (
    "spamhaus|spamcop|barracudacentral|barracudanetworks|sorbs|uceprotect|abusix|abuseat|invaluement|mailspike|surbl"
    "|uribl|cloudmark|proofpoint|senderscore|senderbase|talosintelligence|spfbl|junkemailfilter|trendmicro|ipremoval"
    "|delist|dnsbl|rbl|blocklist|blacklist"
)
"""Names of public blocklists and of those who ask to be asked for removal: they say who refused, never about whom."""
_RECEIVER_CODES = r"\bIP(?:TS|BL|VS|PH)|\bAUP#(?:In-|Out-|[A-Za-z]{1,3}-?)?|\(S|\b(?:POL|RCP|INT|MSG|DNS|CON)-[PT]"
"""What Yahoo, Spectrum, Outlook and Facebook begin their own codes with."""
_OWNER = (
    "[Uu]ser(?:name)?|[Mm]ailbox|[Aa]ccount|[Rr]ecipient|[Aa]lias|[Cc]ontact|[Cc]ustomer|[Cc]lient|[Ss]ubscriber"
    "|[Mm]ember|[Pp]erson|[Ll]ead|[Gg]uest|[Pp]atient|[Ss]ender|[Nn]ame"
    "|[Uu]tente|[Cc]asella|[Dd]estinatari[oa]|[Cc]ontatto|[Cc]liente|[Nn]ome|[Nn]ombre|[Uu]suari[oa]|[Cc]ontacto"
    "|[Nn]om|[Dd]estinataire|[Uu]tilisateur|[Kk]ontakt|[Ee]mpfänger|[Bb]enutzer|[Kk]unde"
)
"""Of whom a quoted text after these words is the name."""
_THING = (
    "[Tt]emplate|[Pp]arameter|[Ff]ile|[Hh]ost|[Dd]omain|[Ff]ield|[Vv]ariable|[Cc]olumn|[Aa]rgument|[Aa]ttribute|[Ee]vent"
    "|[Ff]unction|[Mm]odule|[Tt]able|[Ss]ervice|[Qq]ueue|[Ee]lement|[Mm]ethod|[Cc]lass|[Pp]roperty"
)
"""What has a name too, and is nobody."""
_PERSONAL_KEY = (
    "to|cc|bcc|from|name|[a-z]+_name|[a-z]+Name|firstname|lastname|surname|username|user|contact|customer|client"
    "|recipients?|e?mail|email_?[Aa]ddress|phone|phone_?[Nn]umber|mobile|tel|telephone|msisdn|wa_id|subject|address|street"
    "|city|To|Cc|Bcc|From|Name|Email|Phone|Subject|Recipient|Contact"
)
"""Keys of JSON and query strings whose values are about somebody."""
_ONLY_PERSONAL_KEY = (
    "to|cc|bcc|from|recipient|contact|e?mail|phone|phone_?[Nn]umber|mobile|subject|[a-z]+_name|username"
)
"""Of these, what is about somebody in a log line too, where `name=` is most often a host's."""
_SECRET = (
    "(?:[Tt]oken|TOKEN|[Ss]ecret|SECRET|[Pp]assword|PASSWORD|[Pp]asswd|[Pp]wd|[Pp]assphrase|[Aa]pi[_-]?[Kk]ey"
    "|API[_-]?KEY|[Aa]ccess[_-]?[Kk]ey|[Aa]uth[_-]?[Kk]ey|[Pp]rivate[_-]?[Kk]ey|[Ss]ignature|[Cc]redential|[Cc]ookie"
    "|[Ss]ession[_-]?[Ii]d|[Hh]mac|[Jj]wt|[Aa]uth|[Aa]uthorization|AUTHORIZATION)(?:[_-]?[Ii]d)?"
)
_ALWAYS_TOLD = (
    "[Pp]assword|PASSWORD|[Pp]asswd|[Pp]wd|[Pp]assphrase|[Ss]ecret|[Aa]pi[ _-]?[Kk]ey|API[ _-]?(?:Key|KEY)"
    "|[Aa]uthorization|AUTHORIZATION|[Cc]ookie"
)
"""After these and a colon comes the secret itself; after `token:` it is often a sentence."""
_SCHEME = "[Bb]earer|BEARER|[Bb]asic|[Dd]igest|[Tt]oken|[Aa]pi[Kk]ey|[Kk]ey|OAuth|Negotiate|NTLM|AWS4-HMAC-SHA256"
_SAYS_OF_SECRET = (
    "tokens?|auth[a-z]*|Auth[a-z]*|scheme|realm|errors?|headers?|is|was|are|not|or|and|in|of|for|with|from|format"
    "|credentials?|required|missing|invalid|Invalid|expired|failed|denied|null|None|none|true|false|undefined|empty|wrong"
    "|incorrect|must|has|cannot|can|could|does|used|provided|constraints?|access"
)
"""Words after `token:` or `Bearer` that speak of a secret and are none."""
_VALUE = rf"[^ \"'`&<>,;()\[\]{{}}\\{MARK}][^ \"'`&<>,;()\[\]{{}}\\]*"
"""What stands without quotes, to the next blank or bracket."""
_ERROR_NAME = (
    "(?:[Ee]rror|ERROR|[Ee]xception|[Ii]nvalid|INVALID|[Mm]issing|MISSING|[Nn]ot_|NOT_|[Ll]imit|LIMIT|[Ff]ailed)"
)
"""What the names of errors have in them, which some APIs give as "name"."""
_UNIT = "ms|se?cs?|seconds?|secondi|min|minutes?|minuti|hours?|ore|days?|giorni|bytes?|[KkMG]i?[Bb]"
_COUNTED = "messages|recipients|connections|attempts|characters|chars|times|retries|errors"
_BEFORE_QUANTITY = (
    "after|exceed(?:ed|s)|than|timeout|of|by|line|size|limit|attempt|parameter|organization|chat|score|id"
)
_REPLY = "[245][0-9]{2}"
_LABELLED_CODE = r"(?:[Cc]od(?:e|ice)|CODE|[Ee]rrore?|ERROR)[\"']?[ :=#(]{0,3}[\"']?|\(#"
_PLAIN_CODE = (
    r"^|[\[(]|: |\] |errors/"
    "|(?:Twilio|was|with|returned|[Ee]rror|ERROR|[Ee]rr|[Ff]ailed|[Uu]ndelivered|[Rr]eason|[Ss]tatus)(?: -)? "
)
_BETWEEN = rf"(?:[ .\-()·‐-―−{_INVISIBLE}]|%2[089DdEe]){{0,3}}"
"""What people and address books put between the digits of a telephone number; a slash is looked for by itself."""

# Of a URL stays who refused, where that is public (spamhaus.<url>), and the code that Twilio's page explains.
_URL = Replacement(
    rf"[A-Za-z]{{2,8}}{_COLON_SLASHES}"
    rf"(?:(?:[A-Za-z0-9-]+\.)*((?:{_BLOCKLISTS})\.)|[a-z.]+/docs/(?:api/)?(errors/[0-9]{{5}}\b))?[^ <>\"')\]}}]*",
    r"\1<url>\2",
)
_EMAIL = Replacement(
    rf"<?(?:\"[^\"@]{{1,64}}\"|[^ :'{_STOP}][^ :{_STOP}]*){_AT}(?:\[[0-9A-Fa-f.:]+\]|[^ :'{_STOP}]+)>?", "<email>"
)
# What says that it is a code keeps its digits: 550 5.7.26, "code":2018278, (#131026), error 48213, [IPTS04]; and where
# a code of Twilio's or WhatsApp's may stand, a number that begins like one. Where digits go on behind a blank it may be
# the beginning of a telephone number, so nothing is kept: three marks let that begin. They also stand between a code
# and the number that follows it.
_CODES = Replacement(
    rf"(\b{_REPLY}[ -]#?[245]\.[0-9]{{1,3}}\.)([0-9]{{2,3}})([^0-9A-Za-z.]|\.[^0-9]|\.?$)"
    rf"|(\b(?:{_REPLY}[ -])?#?[245]\.[0-9]{{1,3}}\.[0-9]{{1,3}}|\b{_REPLY} )"
    rf"([ \-(]{{1,3}}[+(]?[0-9]|{_REPLY} [245]\.[0-9]{{1,3}}\.[0-9]{{1,3}})"
    rf"|((?:{_LABELLED_CODE}|{_PLAIN_CODE}|{_RECEIVER_CODES})"
    r"(?:[0-9]{1,5}[ .\-/‐-―]\(?[0-9]{2}|0[0-9]{1,4}\) ?[0-9]{2}|[0-9]{6,7}[ .\-/]\(?[0-9]{3}"
    rf"|[0-9]{{1,3}}\.[0-9]{{1,3}}\.[0-9])|(?:{_PLAIN_CODE})(?:[0-9]{{7,}}|[0-9]{{4}}\b))"
    rf"|((?:{_LABELLED_CODE})[0-9]{{1,3}}|{_RECEIVER_CODES}|(?:{_PLAIN_CODE})(?:2[01]|30|63|13|80)[0-9])([0-9]{{1,4}})\b",
    rf"\4{MARK}\1\7{MARK}\2\8{MARK}\3\5\6",
)
# Words that a later step would take for a secret, a name or a host: template name "…", token: expired, {"name":
# "validation_error"}, name 'x' is not defined, WhatsAppSender.send(), java.net.ConnectException. And of
# 4.3.2.1.zen.spamhaus.org the name of the list, which tells the reader whom to ask.
_WORDS = Replacement(
    rf"((?:{_THING})[ _-]?[Nn]ame[ :=(]{{0,3}}{_QUOTE})"
    rf"|((?:(?:{_SECRET})(?:{_QUOTE}? ?[:=])? ?{_QUOTE}?(?:(?:{_SCHEME}) )?|\b(?:{_SCHEME}) ))((?:{_SAYS_OF_SECRET})\b)"
    rf"|([Nn]ame{_QUOTE}?[ :=]{{1,2}}{_QUOTE})"
    rf"([A-Za-z_.]*{_ERROR_NAME}[A-Za-z_.]*|[A-Za-z_0-9]+{_QUOTE} is not defined)"
    r"|(\.)([A-Za-z0-9_-]+\.(?:[A-Z][a-z]+[A-Z]|[A-Z]{2,}[a-z])|[A-Za-z_][A-Za-z0-9_]*\(\)|py(?:\"?, line |:[0-9]+))"
    rf"|\b(?:[A-Za-z0-9-]+\.)*({_BLOCKLISTS})\.[a-z.]+",
    rf"\1\2\4\6\8{MARK}\3\5\7",
)
_SECRETS = Replacement(
    rf"((?:{_SECRET}){_QUOTE}? ?[:=] ?b?{_QUOTE}(?:(?:{_SCHEME}) )?){_IN_QUOTES}"
    rf"|((?:{_SECRET})(?: ?= ?|%3[Dd])(?:(?:{_SCHEME}) )?|(?:{_ALWAYS_TOLD}): ?(?:(?:{_SCHEME}) )?"
    rf"|\b(?:[Bb]earer|BEARER) ){_VALUE}"
    rf"|((?:{_SECRET}): ?)(?:[A-Za-z.-]*[0-9_+/=]{_VALUE}|[A-Za-z.-]{{16,}})"
    r"|(\b[Bb]asic )[A-Za-z0-9+/]*[0-9+/A-Z][A-Za-z0-9+/]{5,}={0,2}"
    r"|\b(?:[sprk]k_(?:live|test)_|whsec_|xox[a-z]-|gh[a-z]_|SG\.|eyJ)[A-Za-z0-9_.-]+",
    r"\1\2\3\4<secret>",
)
_NAMES = Replacement(
    rf"((?:{_OWNER})(?: (?:named|called|name|id|with(?: the)? name):? ?|[ :=#(]{{1,3}}|{_QUOTE}: ?){_QUOTE})"
    rf"(?:{_IN_QUOTES})"
    rf"|({_QUOTE}(?:{_PERSONAL_KEY}){_QUOTE} ?: ?(?:\[ ?)?{_QUOTE}|\b(?:{_PERSONAL_KEY})= ?{_QUOTE})(?:{_IN_QUOTES})"
    rf"|([?&;](?:{_PERSONAL_KEY})=|\b(?:{_ONLY_PERSONAL_KEY})=){_VALUE}"
    rf"|({_QUOTE})[^\"'`{_CURLY}<>\\ .,:;)0-9{MARK}][^\"{_CURLY}<>\\]*({_QUOTE} ?<email>)"
    r"|((?:To|From|Cc|Bcc|Reply-To|Sender): )[^<>:;,\"]+( <email>)"
    rf"|[@＠][^ :'{_STOP}]{{2,}}",
    r"\1\2\3\4\6<name>\5\7",
)
# What is called a host, however it ends: the domain that does not exist is often a misspelt one.
_MISSPELT_HOSTS = Replacement(
    rf"(\b(?:[Dd]omain|[Hh]ost(?:name)?|[Ss]erver|[Ll]ook(?:ing |)up|using|exist|name)[:=]? ?[\"']?)"
    rf"(?:{_LABEL}\.)+[A-Za-z]{{2,}}\b(?::[0-9]+)?",
    r"\1<host>",
)
_ADDRESSES = Replacement(
    rf"\b(?:{_HEX}:){{1,7}}:(?:{_HEX}:){{0,6}}(?:{_HEX}\b)?|\b(?:{_HEX}:){{3,7}}{_HEX}\b|\b[0-9]+(?:\.[0-9]+){{3,}}\b",
    "<ip>",
)
# Queue ids, uuids, tokens, wamid.…: what is called an id, letters and digits side by side, or anything very long.
_IDS = Replacement(
    r"((?:trace|request|message|msg|queue)[_ -]?[Ii][Dd][\"']?\x01{0,3}[ :=]{1,2}[\"']?)"
    r"[A-Za-z0-9_.+/=-]+(?::[A-Za-z0-9_.+/=-]+)*"
    rf"|\b(?:[{_WORD}]?{_TURN}{_REST}{{3,}}|[{_WORD}]{{2,}}{_TURN}{_REST}{{2,}}"
    rf"|[{_WORD}]{{3,}}{_TURN}{_REST}?|[{_WORD}=]{{40,}})",
    r"\1<id>",
)
# Long numbers, behind an SMTP reply or not; dates, times, quantities; seven and more digits however they are grouped,
# or six in pairs; four and more of another script; four to six digits that were not marked as a code.
_NUMBERS = Replacement(
    rf"((?:^|: ){MARK}{{0,3}}[245][0-5][0-9][ -])\+?[0-9]{{7,}}|\+?[0-9]{{7,}}"
    rf"|(^|[^0-9A-Za-z_.{MARK}])(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:-[0-9]+)*\b"
    rf"|[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?|[0-9]+(?:\.[0-9]+)?(?:s| ?(?:{_UNIT})| (?:{_COUNTED}))\b)"
    rf"|(^|[^0-9A-Za-z_#{MARK}]|{MARK}{{3}}|%2[Bb]|%3[Aa])[(+＋]{{0,2}}(?:{_DIGIT}(?:{_BETWEEN}{_DIGIT}){{6,}}"
    r"|[0-9]{2,5}/[0-9](?:[ .-]?[0-9]){4,}|[0-9]{2}(?:[ ./-][0-9]{2}){2,}\b)(?: ?(?:ext\.?|x) ?[0-9]{1,5})?"
    rf"|[+＋]\(?{_DIGIT}(?:{_BETWEEN}{_DIGIT}){{6,}}|[{_FOREIGN_DIGITS}](?:{_BETWEEN}{_DIGIT}){{3,}}"
    rf"|(^|[^0-9A-Za-z_.{MARK}])[0-9]{{4,6}}\b"
    rf"|(\b(?:{_BEFORE_QUANTITY})[ :=]{{1,2}}|[A-Za-z]\.(?:c:)?)[0-9][0-9{MARK}]*(?:\.[0-9]+)?\b",
    r"\1\2\3\4\5<number>",
)


@cache
def replacements() -> tuple[Replacement, ...]:
    """The steps in their order. Each runs over every error text of the source, so they are few."""
    # A host, and what Python shows of a connection to one.
    host = Replacement(
        rf"<[A-Za-z0-9_. ]+ at 0x[0-9a-f]+>|(?:{_LABEL}\.)+(?:{endings()})(?::[0-9]+)?(?:/[^ <>()\[\]{{}},;\"']*)?",
        "<host>",
    )
    return (_URL, _EMAIL, _CODES, _WORDS, _SECRETS, _NAMES, host, _MISSPELT_HOSTS, _ADDRESSES, _IDS, _NUMBERS)
