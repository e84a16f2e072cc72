"""The command line: the one place where settings, the embedded default and the parts are put together."""

import signal


def start() -> None:
    """The command `corbi-monitoring`: until all is imported, Ctrl-C ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    from cli.main import main  # noqa: PLC0415 - what takes the time

    main()
