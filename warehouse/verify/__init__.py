"""Proof on demand: the warehouse's figures beside the same figures straight from the operational database.

Belongs here: independent SQL on the source (`source_*.sql`), the warehouse's answer to the same question
(`warehouse_*.sql`), the comparison, and the checks of one layer against the layer under it. Does not: repairing.
"""

from warehouse.verify.layers import raw_equals_source, rollups_equal_raw
from warehouse.verify.report import Difference, VerifyReport
from warehouse.verify.run import look, verify

__all__ = ["Difference", "VerifyReport", "look", "raw_equals_source", "rollups_equal_raw", "verify"]
