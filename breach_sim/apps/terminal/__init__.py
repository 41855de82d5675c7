"""What the commands print: all of it into a pipe, and on a terminal what fits the screen."""
