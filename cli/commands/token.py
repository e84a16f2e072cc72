"""`corbi-monitoring token`: a JWT to try the demonstration's API with.

Belongs here: which users there are. Does not: how a token is signed (api/access/identity.py).
"""

from datetime import timedelta

import click

from api.access.identity import issue_token
from cli.composition import made_home, made_key
from demo.people import FIXED_USERS
from warehouse.errors import BadRequestError, SettingsError
from warehouse.settings import Settings, load_settings

USER_IDS = {name: user_id for user_id, name in FIXED_USERS}


@click.command(short_help="Print a token for a user of the demonstration.")
@click.option("--user", required=True, metavar="NAME", help=f"One of {', '.join(USER_IDS)}.")
@click.option("--ttl", type=click.IntRange(min=1), default=1800, show_default=True, help="Seconds until it expires.")
def token(user: str, ttl: int) -> None:
    """Prints an access token for a user of the demonstration. Tokens for real users come from the platform.

    admin and viewer belong to the biggest organization, both to two organizations, inactive may not call.

    \b
    Example:
      curl -H "Authorization: Bearer $(corbi-monitoring token --user admin)" http://127.0.0.1:8000/api/metrics/
    """
    settings = load_settings()
    if settings.source_url is not None:
        raise SettingsError(
            "CORBI_SOURCE_URL is set, and tokens for real users come from the platform; this command is for the "
            "demonstration on the embedded database."
        )
    click.echo(demo_token(settings, user, ttl))


def demo_token(settings: Settings, user: str, ttl_seconds: int) -> str:
    """An access token of a demonstration user. Raises BadRequestError naming the users there are."""
    if user not in USER_IDS:
        raise BadRequestError(f"The demonstration has no user {user!r}; it has {', '.join(USER_IDS)}.")
    key = settings.secret_key or made_key(made_home(settings) / "secret_key")
    return issue_token(key.get_secret_value(), USER_IDS[user], timedelta(seconds=ttl_seconds))
