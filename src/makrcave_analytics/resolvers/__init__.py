"""Resolvers: (root, info, arguments) → domain values. Plain functions; what clients see is declared in schema/."""
