"""The command line: the one place where settings, the embedded default and the parts are put together."""
