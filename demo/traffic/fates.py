"""What becomes of a message, and when: drawn from the chances, disturbed by outages.

Here: decisions, as plain values. The times they name are seconds from the message's sending.
Not here: any writing.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from demo.chances import CHANCES, Chance
from demo.texts import Text, pick

Outcome = Literal["skipped", "refused", "retrying", "failed", "unheard", "delivered", "read"]
CHANCE_OF = {(chance.source, chance.channel): chance for chance in CHANCES}
CHANNELS = ("whatsapp", "email", "telegram", "instagram")
SENT_CALLBACKS = {"email": 0.65, "whatsapp": 0.7, "telegram": 0.45, "instagram": 0.45}


@dataclass(frozen=True)
class Callback:
    """A provider's message about a message: its status, and how long after the sending it comes in."""

    status: str
    after_seconds: float
    text: Text | None = None


@dataclass(frozen=True)
class Fate:
    """The outcome, the words for a failure, and the callbacks to come."""

    outcome: Outcome
    text: Text | None = None
    callbacks: tuple[Callback, ...] = ()


@dataclass(frozen=True)
class Outage:
    """A provider in trouble: most sends of a channel fail, or its callbacks stop, or they come late."""

    channel: str
    kind: Literal["sends fail", "callbacks stop", "callbacks late"]
    ends_at: datetime


class Outages:
    """At most one outage at a time, about one in an hour and a half, of six to twenty minutes."""

    def __init__(self, source: random.Random, now: datetime) -> None:
        self._random = source
        self.current: Outage | None = None
        self._next_at = now + timedelta(minutes=10 + source.expovariate(1 / 40))

    def advance(self, now: datetime) -> Outage | None:
        """Ends and starts what is due; gives the outage that has just started, if one has."""
        if self.current is not None and now >= self.current.ends_at:
            self.current = None
            self._next_at = now + timedelta(minutes=self._random.expovariate(1 / 90))
        if self.current is not None or now < self._next_at:
            return None
        self.current = Outage(
            self._random.choice(CHANNELS),
            self._random.choices(("sends fail", "callbacks stop", "callbacks late"), (45, 30, 25))[0],
            now + timedelta(minutes=self._random.uniform(6, 20)),
        )
        return self.current

    def kind(self, channel: str) -> str:
        """The trouble the channel has now, or an empty string."""
        return self.current.kind if self.current is not None and self.current.channel == channel else ""


class Fates:
    """Draws fates. The same source of random numbers gives the same fates."""

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def draw(self, source: str, channel: str, *, is_configured: bool = True, trouble: str = "") -> Fate:
        """The fate of one message."""
        chance = CHANCE_OF[source, channel]
        if not is_configured:
            return Fate("refused", pick(self._random, channel, "unconfigured"))
        if trouble == "sends fail" and self._random.random() < 0.75:
            return Fate("refused", pick(self._random, channel, "outage"))
        outcome = self._outcome(chance)
        if outcome in ("skipped", "refused", "retrying"):
            stage = {"skipped": "skipped", "refused": "before", "retrying": "retrying"}[outcome]
            return Fate(outcome, pick(self._random, channel, stage))
        if trouble == "callbacks stop" and self._random.random() < 0.92:
            return Fate("unheard")
        slowness = 30 if trouble == "callbacks late" else 1
        return self._accepted(chance, outcome, slowness)

    def delay(self, median_seconds: float, sigma: float) -> float:
        """A lognormal delay in seconds."""
        return self._random.lognormvariate(math.log(median_seconds), sigma)

    def _outcome(self, chance: Chance) -> Outcome:
        weights = (chance.skipped, chance.refused, chance.retrying, chance.failed, chance.unheard)
        rest = 1 - sum(weights)
        outcomes: tuple[Outcome, ...] = ("skipped", "refused", "retrying", "failed", "unheard", "delivered", "read")
        return self._random.choices(outcomes, (*weights, rest * (1 - chance.readers), rest * chance.readers))[0]

    def _accepted(self, chance: Chance, outcome: Outcome, slowness: float) -> Fate:
        delivered = self.delay(chance.delivery_seconds * slowness, chance.delivery_sigma)
        read = delivered + self.delay(chance.read_seconds, 1.3)
        callbacks = []
        if self._random.random() < SENT_CALLBACKS[chance.channel]:
            status = "processed" if chance.channel == "email" else "sent"
            callbacks.append(Callback(status, self.delay(0.6, 1.4)))
        text = None
        if outcome == "failed":
            text = pick(self._random, chance.channel, "after")
            if text.event == "spamreport":
                callbacks.append(Callback("delivered", delivered))
                delivered = read
            callbacks.append(Callback(text.event, delivered, text))
        if outcome in ("delivered", "read"):
            callbacks.append(Callback("delivered", delivered))
        if outcome == "read":
            callbacks.extend(self._reading(chance.channel, read))
        return Fate(outcome, text, tuple(self._disordered(callbacks)))

    def _reading(self, channel: str, read: float) -> list[Callback]:
        if channel != "email":
            return [Callback("read", read)]
        callbacks = [Callback("open", read)]
        if self._random.random() < 0.3:
            callbacks.append(Callback("open", read + self.delay(20_000, 1.2)))
        if self._random.random() < 0.16:
            callbacks.append(Callback("click", read + self.delay(25, 1.0)))
        return callbacks

    def _disordered(self, callbacks: list[Callback]) -> list[Callback]:
        """Two in a hundred come twice; two in a hundred come late, after those that should follow them."""
        disordered = []
        for callback in callbacks:
            late = self.delay(60, 1.5) if self._random.random() < 0.02 else 0.0
            disordered.append(Callback(callback.status, callback.after_seconds + late, callback.text))
            if self._random.random() < 0.02:
                again = callback.after_seconds + late + self.delay(9, 1.5)
                disordered.append(Callback(callback.status, again, callback.text))
        return disordered
