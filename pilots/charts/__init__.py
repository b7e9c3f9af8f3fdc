"""Charts as SVG made on the server: lines by year, and bars. Each has a title and a description; its table stands beside it in the page.

Shapes carry classes and no colours. A thing is never told by its colour alone: each line has its own mark, and what is
projected is dashed and joined to nothing that was observed.
"""
from .bars import Bar, bar_chart
from .lines import MARKS, Line, line_chart, mark_sign

__all__ = ["MARKS", "Bar", "Line", "bar_chart", "line_chart", "mark_sign"]
