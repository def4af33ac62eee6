"""Imported objects -> the files of a folder.

``intake`` puts each at its place: ``destination`` knows what the folder holds, ``misfits`` what a manifest cannot say,
``drafting`` the order of a document, ``dumping`` its YAML, ``supplying`` the target's values.
"""
