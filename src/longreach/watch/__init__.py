"""The watch: what a ledger's evidence comes to on a day.

    from datetime import date
    import numpy as np
    from longreach.ledger.evidence import Evidence
    from longreach.watch import lists, terminal
    from longreach.watch.standing import stand

    standing = stand(Evidence.of_view(book.view()), lists.read_list(path), date(2020, 12, 10), np.random.default_rng(1))
    for style, indent, text in terminal.lines(standing): ...

Indicators stand under the root of their chains; alarms ring falsely as seldom as they say; forecasts come with their
author's record or not at all. docs/watch.md describes it.
"""
