"""x."""
from .engine import Population
