"""Catalogue: every metric of the product, declared once.

registry    all metrics in their order, and each by its key
markdown    the catalogue as a page of Markdown
usage, equipment, inventory, projects, revenue    the metrics of one section
"""
