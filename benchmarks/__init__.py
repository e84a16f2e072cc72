"""What is measured, and how: `python -m benchmarks --help`. Timings belong here and never into tests."""
