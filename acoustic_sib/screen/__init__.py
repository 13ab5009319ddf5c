"""Screening: find the sibilants in a recording, classify each, say why, or say that one cannot."""
