"""The migrations, in order of their numbers. Each is final once it was released."""
