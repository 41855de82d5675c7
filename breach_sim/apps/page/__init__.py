"""Pages that answer without a kernel: what if a field had not leaked, and what to do after a notice.

``what_if`` and ``adviser`` write one file each. The file holds the draws of the parameters and the law of
docs/model.md in JavaScript (``templates/engine.js``), so every combination of ticks is computed exactly, on
the reader's machine. docs/page.md defines what is summed.
"""
