"""FIGURES ON PAPER: what happened in some days, as PDF, Excel, CSV, JSON and pictures."""
