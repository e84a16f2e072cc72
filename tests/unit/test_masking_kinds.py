"""Masking, kind by kind: the ways in which people, providers and programs write what is private.

Belongs here: claims about one kind of private thing each, and about code that looks like one. Does not: the two
engines' agreement and what a template is (test_masking.py).
"""

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from warehouse.failure_reasons.masking import READ_LENGTH, mask

NAME = "Xaveria Quillfeather"
SENTENCES = (
    "{}",
    "not a valid number: {}",
    "550 5.1.1 {} unknown",
    "to {}, retry later",
    "error {}",
    "[HTTP 400] {}",
    "({})",
)
FORMS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)
EXAMPLES = [
    phonenumbers.format_number(number, form)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind))
    for form in FORMS
    if len(phonenumbers.normalize_digits_only(phonenumbers.format_number(number, form))) >= 7
]
"""Numbers of every country. Six digits and fewer, as small islands dial them at home, may be anything."""


def digits_left(template: str, written: str) -> str:
    """Digits of a number, four and more, that a template still has; the codes of the sentence aside."""
    digits = phonenumbers.normalize_digits_only(written)
    rest = phonenumbers.normalize_digits_only(template.replace("550 5.1.1", "").replace("[HTTP 400]", ""))
    return rest if len(rest) > 3 and rest in digits else ""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_number_of_any_country_survives_in_any_of_its_forms(sentence: str) -> None:
    left = {
        written: template for written in EXAMPLES if digits_left(template := mask(sentence.format(written)), written)
    }
    assert left == {}


NATIONAL = (
    "06 12 34 56 78", "06-12-34-56-78", "06.12.34.56.78", "06/12/34/56/78", "+33 6 12 34 56 78", "(030) 12 34 56 78",
    "030/1234567", "0171/123 45 67", "+33 (0)6 12 34 56 78", "+1 (415) 555-0143 ext. 12", "06 12 34 56 78",
    "06‑12‑34‑56‑78", "\u202a+39 333 123 4567\u202c", "%2B39%20340%20123%204567",
    "０６１２３４５６７８", "٠٦١٢٣٤٥٦٧٨", "۰۶۱۲ ۳۴۵ ۶۷۸", "tel:06-12-34-56-78", "tel:+39-340-123-4567",
)  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("written", NATIONAL)
def test_no_digit_of_a_number_survives_however_it_is_grouped(written: str, sentence: str) -> None:
    template = mask(sentence.format(written)).replace("%2B", "").replace("550 5.1.1", "").replace("[HTTP 400]", "")
    assert not [character for character in template if character.isdigit()], template


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.lists(st.text("0123456789", min_size=2, max_size=4), min_size=4, max_size=6), st.sampled_from(" -/.‑\xa0"))
def test_no_grouping_of_eight_digits_and_more_survives(groups: list[str], between: str) -> None:
    assume(not (between == "." and len(groups) == 4))  # an IPv4 address, which is masked as one
    assume(between != "/" or {len(group) for group in groups} == {2})
    template = mask(f"call {between.join(groups)} now")
    assert not [character for character in template if character.isdigit()], template


@pytest.mark.parametrize(
    "written",
    [
        "xaveria.quillfeather@example.com",
        "xaveria.quillfeather%40example.com",
        "xaveria.quillfeather%2540example.com",
        "mailto:xaveria.quillfeather@example.com",
        "mailto:xaveria.quillfeather%40example.com",
        "xaveria.quillfeather\\u0040example.com",
        "xaveria.quillfeather&#64;example.com",
        "xaveria.quillfeather＠example.com",
        "xaveria.quillfeather (at) example.com",
        "xaveria.quillfeather[at]example.com",
        "@xaveria_quillfeather",
        "https:\\/\\/example.com\\/?q=xaveria",
        "https%3A%2F%2Fexample.com%2F%3Fq%3Dxaveria",
        '"Xaveria Quillfeather" <x@example.com>',
        "To: Xaveria Quillfeather <x@example.com>",
        "?name=Xaveria+Quillfeather&to=Xaveria%20Quillfeather",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "refused: {}", "550 5.1.1 {} unknown"])
def test_no_address_nor_handle_survives_in_any_coding(written: str, sentence: str) -> None:
    template = mask(sentence.format(written)).lower()
    assert "xaveria" not in template
    assert "quillfeather" not in template


@pytest.mark.parametrize("quotes", ['""', "''", "“”", "‘’", "„“", "«»", "``"])
@pytest.mark.parametrize(
    "before", ["contact ", "Contact named ", "user=", "recipient: ", "name ", "customer (", "utente "]
)
@pytest.mark.parametrize("name", [NAME, "Xaveria O'Quillfeather", "Xaveria"])
def test_a_name_in_quotes_after_a_word_for_a_person_does_not_survive(quotes: str, before: str, name: str) -> None:
    template = mask(f"{before}{quotes[0]}{name}{quotes[1]} not opted in")
    assert "Xaveria" not in template
    assert "Quillfeather" not in template
    assert template.endswith("not opted in")


@pytest.mark.parametrize(
    "key", ["to", "name", "full_name", "lastName", "recipient", "email", "phone", "subject", "username"]
)
@pytest.mark.parametrize(
    "form", ['{{"{}":"{}"}}', "{{'{}': '{}', 'code': 131026}}", '{{\\"{}\\": \\"{}\\"}}', '{{"{}":["{}"]}}']
)
def test_a_value_under_a_personal_key_does_not_survive(key: str, form: str) -> None:
    template = mask(form.format(key, NAME))
    assert "Xaveria" not in template
    assert "Quillfeather" not in template
    assert key in template


def test_a_name_whose_quotes_the_end_cuts_off_does_not_survive() -> None:
    assert "Xaveria" not in mask(f'no contact "{NAME}')
    filler = "https://example.com/" + "x" * (READ_LENGTH - 60)
    for cut in range(1, 60):
        private = "xaveria.quillfeather@example.com" if cut % 2 else "+39 340 123 4567"
        template = mask(f"{filler} {'.' * (cut // 2)} {private} {'y' * 100}")
        assert "quillfeather" not in template
        assert not [character for character in template if character.isdigit()], template


SECRET = "abcdefzyx"


@pytest.mark.parametrize(
    "form",
    [
        "token={}",
        "Bearer {}",
        "BEARER {}",
        "api_key={}",
        "apikey: {}",
        "Authorization: Bearer {}",
        "Authorization: Token {}",
        "Authorization: {}",
        '{{"Authorization": "Bearer {}"}}',
        "-H 'Authorization: Bearer {}'",
        "X-Api-Key: {}",
        '{{"access_token":"{}","code":190}}',
        "{{'auth_token': '{}'}}",
        "/v1/send?access_token={}&x=1",
        "client_secret={}",
        "password: {}",
        "PASSWORD={}",
        "pwd={}",
        "Cookie: sid={}",
        "refresh_token%3D{}",
        "sk_live_{}",
        "sk_test_{}",
        "SG.{}",
        "xoxb-{}",
        "ghp_{}",
        "eyJhbGciOi.{}.sig",
        "X-Signature: sha={}",
        "AWS4-HMAC-SHA256 Credential={}",
        "auth={}",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "401 refused: {} (code 190)"])
def test_no_secret_survives_where_it_is_called_one(form: str, sentence: str) -> None:
    assert SECRET not in mask(sentence.format(form.format(SECRET)))


def test_a_secret_of_base64_does_not_survive_after_its_scheme() -> None:
    assert mask("Authorization: Basic dXNlcjpwYXNz refused") == "Authorization: Basic <secret> refused"


@pytest.mark.parametrize(
    "text",
    [
        "WhatsAppSender.send() got an unexpected keyword argument",
        "WhatsAppSender.send() got an unexpected keyword argument 'to'",
        "client.run() failed",
        "telegram.error.TimedOut: Timed out",
        "socket.timeout: The read operation timed out",
        "com.sun.mail.smtp.SMTPAddressFailedException: no",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
        "java.net.SocketTimeoutException: connect timed out",
        "java.io.IOException: no",
        "views.py:12 failed",
        "NameError: name 'channel' is not defined",
        'Template name "order_update" does not exist in it',
        '{"name":"validation_error","message":"no"}',
        "Invalid token: expired",
        "Bearer token is missing",
        "Authorization header required",
        "Error validating access token: Session has expired",
        "mail for the account is over quota",
        "Parameter 'to' is missing",
    ],
)
def test_code_and_plain_words_stay_readable(text: str) -> None:
    assert mask(text) == text


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=10), min_size=1, max_size=3),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=6),
)
def test_a_dotted_name_is_a_host_where_its_end_is_registered_and_only_there(labels: list[str], last: str) -> None:
    dotted = ".".join([*labels, last])
    suffixes = PublicSuffixList(only_icann=True, accept_unknown=False)
    shorter = any("<host>" in mask(f"x.{label} x") for label in labels[1:])
    assume(not shorter and last not in ("test", "local", "lan", "corp", "home", "alt", "onion", "py"))
    assume(not {"rbl", "dnsbl"} & {*labels, last})
    expected = "<host>" if suffixes.publicsuffix(f"x.{last}") else dotted
    assert mask(f"no answer from {dotted} today") == f"no answer from {expected} today"


def test_a_host_that_is_called_one_is_masked_however_it_ends() -> None:
    assert mask("Domain quillfeather.con does not exist") == "Domain <host> does not exist"
    assert mask("error for name=quillfeather.con type=A") == "error for name=<host> type=A"


@pytest.mark.parametrize(
    "written", ["сайт.рф", "exämple.it", "例子.example.com", "MAIL.EXAMPLE.IT", "xn--e1afmkfd.xn--p1ai"]
)
def test_a_host_of_other_letters_is_masked(written: str) -> None:
    assert "<host>" in mask(f"connect to {written} failed")


def test_a_reply_of_a_mail_server_stays_beside_a_number() -> None:
    assert mask("550 4155551234 unknown") == "550 <number> unknown"
    assert mask("550 5.1.1 06 12 34 56 78 unknown") == "550 5.1.1 <number> unknown"
    assert mask("550 550 5.1.1 unknown") == "550 550 5.1.1 unknown"
    assert mask("550 5.7.26 550 5.7.26 no") == "550 5.7.26 550 5.7.26 no"
