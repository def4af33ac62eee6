"""Files -> strict YAML with places -> typed manifests -> what git wants on a target.

::

    files       which files, and their bytes
    reader      bytes -> documents: characters, builder (events -> nodes), scalars (what plain text means)
    manifest    a document's envelope, typed (envelope, wording); its spec stays a tree of nodes with places
    estate      for one target: overrides laid over (merge), sugar resolved (resolve), checked (shape, schedule,
                references and identities, by the tables in fields), passwords masked (literals)
    folder      all of it for a folder; what is wrong alike on several targets is said once (lacks)
    secrets     where the values of secrets come from, when an apply asks
    importing/  imported objects -> the files of a folder
    editing/    manifests changed in place: live values accepted, drift snoozed

Every step reports all that it finds, with file, line and column, and goes on with the rest.
"""

from reconciler.manifest.folder import Manifests, load

__all__ = ["Manifests", "load"]
