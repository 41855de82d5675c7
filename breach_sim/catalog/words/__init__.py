"""Words of other formats: ``meanings`` of their names, ``headings`` of columns, words of ``descriptions``."""
