"""Pages that others ask for: the impact card, drafts of legal forms, a portfolio on one page.

Every number on a page is a figure of the run, by the name under which ``explain`` finds it.

Not here: the report of a breach (``reporting``), and the texts and deadlines of forms, which are data
(``catalog/data/templates``).
"""
