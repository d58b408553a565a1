"""Catalogue: every metric of the product, declared once.

registry    all metrics in their order; the entry for each key
markdown    the catalogue as a page of Markdown
usage, equipment, inventory, projects, revenue    the metrics of a section
"""
