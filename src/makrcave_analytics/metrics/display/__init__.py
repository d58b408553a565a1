"""Display: ids, keys and numbers as people read them.

names     names of machines, items, members and projects
labels    words for the keys of dimensions
format    numbers in the language of a makerspace
"""
