"""Provide kernels that no publication uses yet: documented and tested, outside the contract."""

from obs.lab.alerts import Alerts, farrington_alerts
from obs.lab.control_charts import (
    ControlChart,
    c_chart,
    moving_range_limit,
    p_chart,
    run_signals,
    u_chart,
    xmr_chart,
)
from obs.lab.controlled_rounding import round_counts, round_table
from obs.lab.displacement import Displacement, weighted_displacement_difference
from obs.lab.list_histories import count_histories
from obs.lab.scan import ScanCluster, scan_clusters
from obs.lab.small_area import FayHerriot, fay_herriot
from obs.lab.structural_breaks import Breaks, find_breaks, sup_f
from obs.lab.suppression_pattern import read_pattern

__all__ = [
    "Alerts",
    "Breaks",
    "ControlChart",
    "Displacement",
    "FayHerriot",
    "ScanCluster",
    "c_chart",
    "count_histories",
    "farrington_alerts",
    "fay_herriot",
    "find_breaks",
    "moving_range_limit",
    "p_chart",
    "read_pattern",
    "round_counts",
    "round_table",
    "run_signals",
    "scan_clusters",
    "sup_f",
    "u_chart",
    "weighted_displacement_difference",
    "xmr_chart",
]
