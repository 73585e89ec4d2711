"""JSON with spans, placeholders and holes."""
