"""Filters: ``property=path==value`` (FACTS 5)."""

from __future__ import annotations

import pytest

DOCUMENT = {
    "id": "1",
    "name": "One, two",
    "createdAt": 1000,
    "state": "enabled",
    "deep": {"flag": True, "ratio": 1.5, "nothing": None},
    "ids": ["a", "b"],
    "objects": [{"name": "x"}, {"name": "y"}],
}


@pytest.fixture
def found(api, app):
    app.store.seed("flows", DOCUMENT)

    def ask(*properties):
        reply = api.get("/flows", property=list(properties))
        assert reply.status_code == 200, reply.text
        return len(reply.json()["items"]) == 1

    return ask


@pytest.mark.parametrize(
    "text",
    [
        "id==1",
        "id==0,1,2",
        'name=="One, two"',
        'name=="other","One, two"',
        "state!=disabled",
        "nowhere!=x",
        "createdAt==1000",
        "createdAt>999",
        "createdAt>=1000",
        "createdAt<1000.5",
        "createdAt<=1000",
        "state>e",
        "deep.flag==true",
        "deep.flag==True",
        "deep.ratio==1.5",
        "ids[]==b",
        "objects[].name==y",
        "state==enabled,paused",
    ],
)
def test_matches(found, text):
    """The filter finds the document."""
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "id==2",
        "name==One",
        "state!=enabled",
        "createdAt>1000",
        "createdAt>x",
        "createdAt==x",
        "deep.flag>0",
        "deep.nothing==null",
        "deep==x",
        "ids==b",
        "ids[]==c",
        "state[]==enabled",
        "objects.name==y",
        "state.deeper==x",
        "name==1",
    ],
)
def test_does_not_match(found, text):
    """The filter does not find the document."""
    assert not found(text)


def test_several_filters_hold_together(found):
    """Repeated filters are joined by and."""
    assert found("state==enabled", "createdAt>1")
    assert not found("state==enabled", "createdAt>1000")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name~x", "1440-400"),
        ("name=~x", "1440-400"),
        ("createdAt<=1,2", "1443-400"),
        ("id>=1", "1448-400"),
        ("id<1", "1448-400"),
        ("name!>x", "1450-400"),
        ("name=x", "1450-400"),
        ("name<>x", "1450-400"),
        ("name", "1449-400"),
        ("==x", "1449-400"),
        ("name==", "1453-400"),
    ],
)
def test_refused_filters(api, text, code):
    """A filter that the service cannot do is a 400 with its code."""
    reply = api.get("/flows", property=text)
    assert reply.status_code == 400
    assert reply.json()["errorDetails"].startswith(code)


def test_quoted_and_escaped_names(api):
    """A spec is found by its name, bare or in double quotes."""
    for name in ("CRMToAEP", '"CRMToAEP"'):
        (item,) = api.get("/flowSpecs", property=f"name=={name}").json()["items"]
        assert item["id"] == "14518937-270c-4525-bdec-c2ba7cce3860"


def test_inherited_attributes_can_be_asked_for(api):
    """Only source flows: the filter looks at what the reply shows, not at what is stored."""
    flow = api.flow()[0]
    reply = api.get("/flows", property="inheritedAttributes.properties.isSourceFlow==true").json()
    assert [item["id"] for item in reply["items"]] == [flow]
    assert api.get("/flows", property="inheritedAttributes.properties.isDestinationFlow==true").json()["items"] == []
