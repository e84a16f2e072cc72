"""The transports of this process, as the settings say.

Belongs here: putting them together, and keeping what they know out of logs. Does not: any transport.
"""

import logging
from collections.abc import Mapping

from alerts.delivery.targets import Channel
from alerts.notify.email import Email, MailServer
from alerts.notify.services import Services
from alerts.notify.transport import Transport
from alerts.notify.webhook import Webhook
from warehouse.settings import Settings


def transports(settings: Settings) -> Mapping[Channel, Transport]:
    """One of each channel. No step of an attempt waits longer than the whole attempt may."""
    # It writes the whole address of each request when asked for details, and that is often all it takes to write there.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)
    timeout = float(settings.alerts_send_timeout_seconds)
    password = settings.smtp_password
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        sender=settings.smtp_from,
        timeout_seconds=timeout,
    )
    return {Channel.EMAIL: Email(server), Channel.WEBHOOK: Webhook(timeout), Channel.SERVICE: Services(timeout)}
