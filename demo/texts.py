"""The words of failure: what providers, client libraries and the platform itself write when something goes wrong.

Here: reading texts.csv, the one vocabulary of history and live traffic.
Not here: what a text means; the warehouse must find that out by itself.
"""

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate


@dataclass(frozen=True)
class Text:
    """One way in which something fails, with {placeholders} for what varies.

    `stage` says when: before or after the provider accepted, in an outage, at a retry, skipped, unconfigured.
    `event` is the callback's status where there is a callback; `classification` is SendGrid's.
    """

    id: int
    channel: str
    stage: str
    weight: int
    event: str
    code: str
    classification: str
    text: str


@cache
def texts() -> tuple[Text, ...]:
    """Every text of texts.csv; its id is its line, counted from one."""
    with (files("demo") / "texts.csv").open(encoding="utf-8") as file:
        return tuple(
            Text(
                id=number,
                channel=row["channel"],
                stage=row["stage"],
                weight=int(row["weight"]),
                event=row["event"],
                code=row["code"],
                classification=row["classification"],
                text=row["text"],
            )
            for number, row in enumerate(csv.DictReader(file), start=1)
        )


@cache
def _weighted() -> dict[tuple[str, str], tuple[list[Text], list[int]]]:
    choices: dict[tuple[str, str], list[Text]] = defaultdict(list)
    for text in texts():
        choices[text.channel, text.stage].append(text)
    return {key: (found, list(accumulate(text.weight for text in found))) for key, found in choices.items()}


def pick(random_source: random.Random, channel: str, stage: str) -> Text:
    """A text for that channel and stage, drawn by weight."""
    found, weights = _weighted()[channel, stage]
    return random_source.choices(found, cum_weights=weights)[0]


def render(random_source: random.Random, text: str, *, email: str = "", phone: str = "") -> str:
    """The text with its placeholders filled in, as simulator.render does in history."""
    values = {
        "{email}": email,
        "{phone}": phone,
        "{host}": f"mail{random_source.randrange(20)}.example.org",
        "{ip}": f"192.0.2.{random_source.randrange(1, 255)}",
        "{hex}": f"{random_source.getrandbits(64):016x}",
        "{id}": f"{random_source.randrange(10**9, 10**10)}",
        "{number}": str(random_source.randrange(100, 100_000)),
        "{seconds}": str(random_source.randrange(3, 60)),
        "{digit}": str(random_source.randrange(1, 10)),
    }
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
