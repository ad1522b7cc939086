"""Views of a report: text, pages, tables, markers. They show what it says and measure nothing."""
