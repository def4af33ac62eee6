"""Live objects -> the manifests that a person would have written for them. Pure.

:mod:`~reconciler.engine.importing.selection` says which objects are meant, :mod:`~reconciler.engine.importing.naming`
what git is to call them, :mod:`~reconciler.engine.importing.body` makes a spec of a live document, and
:mod:`~reconciler.engine.importing.collect` does it all. What a manifest cannot say is found where manifests are read;
it comes back as :class:`~reconciler.model.imports.Omissions`, and everything is collected again without it.
"""
