"""Random numbers by name, and the draws of parameters made from them."""
