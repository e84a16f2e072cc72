"""The commands, a module each: options in, one call, the report out."""
