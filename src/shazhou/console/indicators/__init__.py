"""Indicators: chosen, charted, tabulated, pinned side by side, taken away; the address holds the whole choice."""
