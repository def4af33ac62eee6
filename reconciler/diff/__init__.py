"""JSON only: pointers, comparison, the three-way merge, the smallest patch.

Nothing here knows Flow Service, manifests or secrets. What is not known yet (a reference to an object that does not
exist, a secret's value) stands in a document as an :class:`~reconciler.diff.document.Opaque` leaf.
"""
