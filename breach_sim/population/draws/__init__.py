"""Chance by position: permutations and draws that need no order."""
