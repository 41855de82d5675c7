"""A population as files: written whole or not at all, resumed after a stop, identified by one digest."""
