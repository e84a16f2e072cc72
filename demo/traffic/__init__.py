"""Live traffic: rows written as the platform writes them, one small transaction after the other."""

from demo.traffic.loop import run_traffic

__all__ = ["run_traffic"]
