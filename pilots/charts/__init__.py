"""Charts as SVG made on the server: lines by year or month, bars, a funnel, and a flow. Each has a title and a description; its table
stands beside it in the page.

Shapes carry classes and no colours. A thing is never told by its colour alone: each line has its own mark, and what is
projected is dashed and joined to nothing that was observed.
"""
from .bars import Bar, bar_chart
from .flow import Band, flow_chart
from .funnel import Stage, funnel_chart
from .lines import MARKS, Line, line_chart, mark_sign
from .scale import MONTHS, month_number

__all__ = ["MARKS", "MONTHS", "Band", "Bar", "Line", "Stage", "bar_chart", "flow_chart", "funnel_chart", "line_chart", "mark_sign", "month_number"]
