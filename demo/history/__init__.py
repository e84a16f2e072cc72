"""History: months of traffic written at once, by set-based SQL. The statements lie beside this file, one a purpose."""

from demo.history.loader import DatabaseNotEmptyError, Filled, fill, is_filled

__all__ = ["DatabaseNotEmptyError", "Filled", "fill", "is_filled"]
