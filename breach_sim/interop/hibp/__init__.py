"""Import entries of Have I Been Pwned as scenarios.

``entries`` (files and lists of entries), ``entry`` (one entry as a scenario), ``nature`` (what kind of list
it is), ``storage`` (how passwords were held), ``people`` (where the people live, and what their numbers are),
``shares`` (shares in words and numbers), ``blocks`` (which fields leaked together).
"""
