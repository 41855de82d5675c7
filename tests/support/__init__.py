"""What several test files share: worlds, the twin, and ways to ask."""
