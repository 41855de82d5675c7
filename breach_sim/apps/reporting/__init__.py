"""Reports: the folder of ``run --out``, the page of ``breach-sim report``, the catalog page."""
