"""Display: ids, keys and numbers as people read them.

names     names of machines, items, members and projects
labels    labels of dimensions and their keys
format    numbers in the language of a makerspace
"""
