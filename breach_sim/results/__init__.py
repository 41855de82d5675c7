"""What comes out of one run: arrays by replicate, and the tables made from them.

Not here: the law (``engine``), mitigations (``whatif``) and explanations (``analysis``).
"""
