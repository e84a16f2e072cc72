"""From notices to messages that arrived: who is told, what is due, and what became of it.

    notice ── plan ──▶ message (gathering) ── claim, send ──▶ sent
                           ▲      │                └─▶ trying ── again, later ──▶ sent or failed
              more notices ┘      └ due `CORBI_ALERTS_GROUP_SECONDS` after its first notice

Belongs here: the tables behind `alerts.outbox.enqueue`. Does not: words and transports (alerts/notify/).
"""
