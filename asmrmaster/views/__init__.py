"""Views of a report: text, and later others. They draw what the report says and measure nothing."""
