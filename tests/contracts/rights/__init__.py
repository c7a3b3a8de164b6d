"""The rights matrix: every route × identity × place, called for real. A new route is one line in `rows/`."""
