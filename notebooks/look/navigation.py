"""Which apps there are, where, and what each answers.

Belongs here: the list that the server mounts and that the start page and the navigation draw. Does not: drawing it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    """A marimo app: where it is mounted, its notebook, and how the start page and the navigation speak of it."""

    path: str
    notebook: str
    title: str
    question: str


APPS = (
    App("/dashboard", "dashboard.py", "Dashboard", "How are we doing? Figures, trends and open alerts of one window."),
    App("/monitoring", "monitoring.py", "Monitoring", "Which channel fails, why, and how fast do providers answer?"),
    App(
        "/campaigns", "sendings.py", "Campaigns", "What did each campaign reach, and what did it cost in unsubscribes?"
    ),
    App("/email-jobs", "sendings.py", "E-mail jobs", "What became of each e-mail job and its recipients?"),
    App("/messages", "messages.py", "Messages", "Which single messages stand behind a figure?"),
    App("/alerts", "alerts.py", "Alerts", "What needs somebody now, and what became of it?"),
)
