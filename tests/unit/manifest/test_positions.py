"""Every path of a spec knows where it was written."""

from reconciler.manifest.positions import name_elements
from reconciler.model.resources import Location

TEXT = """\
apiVersion: reconciler/v1
kind: Flow
metadata: {name: x, id: f}
spec:
  name: x
  transformations:
    - name: Copy
    - name: Mapping
      params: {mappingVersion: 0}
  scheduleParams: {frequency: day}
"""


def test_members_are_at_their_keys_and_elements_by_index_and_by_name(desired):
    """The engine's paths and the file's both lead to the line."""
    positions = desired(TEXT).positions
    assert positions["name",] == Location("m/a.yaml", 5, 3)
    assert positions["transformations", "1"] == Location("m/a.yaml", 8, 7)
    assert positions["transformations", "[name=Mapping]", "params"] == Location("m/a.yaml", 9, 7)
    assert positions["transformations", "[name=Mapping]", "params", "mappingVersion"] == Location("m/a.yaml", 9, 16)
    assert ("transformations", "2") not in positions
    assert ("name", "0") not in positions


def test_a_path_that_is_not_declared_is_at_its_nearest_ancestor(desired):
    """So that drift can be shown somewhere."""
    assert desired(TEXT).locate(("scheduleParams", "interval")) == Location("m/a.yaml", 10, 3)


def test_positions_are_a_mapping(desired):
    """Every path once."""
    positions = desired(TEXT).positions
    assert len(positions) == len(set(positions)) == 11
    assert positions == dict(positions.items())
    assert repr(positions) == "Positions(m/a.yaml)", "never the values: one may be a password"


def test_indexes_become_names_where_the_list_has_them():
    """An index that points nowhere, a list without names and a name stay as they are."""
    document = {"a": [{"name": "x", "b": [1]}], "c": [{"d": 1}]}
    assert name_elements(document, ("a", "0", "b", "0")) == ("a", "[name=x]", "b", "0")
    assert name_elements(document, ("a", "1", "b")) == ("a", "1", "b")
    assert name_elements(document, ("a", "[name=x]", "b")) == ("a", "[name=x]", "b")
    assert name_elements(document, ("c", "0")) == ("c", "0")
    assert name_elements(document, ("e", "0")) == ("e", "0")
