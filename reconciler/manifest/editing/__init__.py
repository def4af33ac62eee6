"""Manifests changed in place, and nothing of their files but what is meant.

``accepting`` puts live values into a manifest and ``snoozing`` a snooze; ``layers`` says whether that is the spec or an
override, ``sugaring`` writes a value as the manifest would, ``target_values`` turns to the target's manifest where the
value comes from there. ``rewriting`` makes one document say something else: ``spans`` knows where each value stands in
the text, ``splicing`` changes one, ``fragments`` is a value as text. ``drafts`` holds the changed files until all of
them are read back, and then puts them in place.
"""
