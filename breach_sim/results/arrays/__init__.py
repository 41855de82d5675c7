"""Arrays of a run: what was drawn, by pool and by segment, and expectations with hard ends."""
