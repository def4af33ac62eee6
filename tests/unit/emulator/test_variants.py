"""What the documents leave open, played both ways: each switch shows, and none is forgotten by the scenarios."""

from __future__ import annotations

from dataclasses import fields

import pytest
from support.variants import VARIANTS

from reconciler.emulator import Settings

NO_VARIANT = {
    "custom_specs_allowed": "a permission: refused, a scenario about specs has nothing to show",
    "check_references": "for replaying documents, not a way in which a service may be",
    "token": "who may call is what tests of the sign-in are about",
    "client_id": "the same",
    "client_secret": "the same",
    "organisation": "the same",
    "sandboxes": "the same",
    "user": "a name",
    "record": "for tests",
    "clock": "time",
    "sleep": "time",
}


def test_every_switch_has_its_variants():
    """Every way in which the service may be is played in the scenarios, or it is said why not."""
    played = {field for changes in VARIANTS.values() for field in changes}
    switches = {field.name for field in fields(Settings)}
    assert played | NO_VARIANT.keys() == switches
    assert not played & NO_VARIANT.keys()
    plain = Settings()
    for name, changes in VARIANTS.items():
        assert all(getattr(plain, field) != value for field, value in changes.items()), name


@pytest.mark.parametrize(("form", "interval", "backfill"), [("numbers", 15, True), ("strings", "15", "true")])
@pytest.mark.parametrize("sent", [(15, True), ("15", "true")])
def test_schedules_in_one_form(api, app, form, interval, backfill, sent):
    """A schedule comes back as numbers, or as strings, however it was sent and patched."""
    app.settings.numbers = form
    schedule = {"startTime": "1900000000", "frequency": "minute", "interval": sent[0], "backfill": sent[1]}
    path = f"/flows/{api.flow(scheduleParams=schedule)[0]}"
    shown = api.item(path)["scheduleParams"]
    assert (shown["interval"], shown["backfill"]) == (interval, backfill)
    assert type(shown["startTime"]) is type(interval)
    assert shown["frequency"] == "minute"
    assert api.patch(path, [{"op": "replace", "path": "/scheduleParams/interval", "value": 30}]).status_code == 200
    assert api.item(path)["scheduleParams"]["interval"] in (30, "30")
    assert type(api.item(path)["scheduleParams"]["interval"]) is type(interval)


@pytest.mark.parametrize("post_etag", ["current", "moved", "absent"])
def test_the_etag_of_a_post(api, app, post_etag):
    """It is the object's, has been moved already with nothing else changed, or is not told."""
    app.settings.post_etag = post_etag
    told = api.post("/connections", {"name": "c", "connectionSpec": {"id": SALESFORCE, "version": "1.0"}}).json()
    item = api.item(f"/connections/{told['id']}")
    assert {"current": told.get("etag") == item["etag"], "moved": told.get("etag") not in (None, item["etag"])}.get(
        post_etag, "etag" not in told
    )
    assert item["updatedAt"] == item["createdAt"]


SALESFORCE = "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5"


@pytest.mark.parametrize(
    ("leaf", "documented"),
    [("/scheduleParams/interval", False), ("/scheduleParams/frequency", True), ("/description", True)],
)
def test_leaves_that_no_document_shows(api, app, leaf, documented):
    """They are refused for good; those that documents show are taken."""
    app.settings.leaf_patches = False
    path = f"/flows/{api.flow(scheduleParams=SCHEDULE)[0]}"
    value = 20 if leaf.endswith("interval") else "hour"
    assert api.patch(path, [{"op": "add", "path": leaf, "value": value}]).status_code == (200 if documented else 400)


SCHEDULE = {"startTime": 1900000000, "frequency": "minute", "interval": 15}


@pytest.mark.parametrize("needed", [True, False])
def test_a_remove_without_a_value(api, app, needed):
    """It is refused or taken."""
    app.settings.remove_needs_value = needed
    path = f"/connections/{api.connection(description='d')}"
    assert api.patch(path, [{"op": "remove", "path": "/description"}]).status_code == (400 if needed else 200)
    assert api.patch(path, [{"op": "replace", "path": "/name"}]).status_code == 400


def test_lists_in_another_order_with_every_call(api, app):
    """The same objects, in another order."""
    made = {api.connection(name=f"c{at}") for at in range(12)}
    app.settings.list_order = "shuffled"
    orders = {tuple(item["id"] for item in api.get("/connections").json()["items"]) for _ in range(6)}
    assert all(set(order) == made for order in orders)
    assert len(orders) > 1


def test_pages_that_overlap(api, app):
    """An object shows on two pages, and none is lost."""
    made = [api.connection(name=f"c{at}") for at in range(7)]
    app.settings.pages_overlap = True
    seen, answer = [], api.get("/connections", limit=3).json()
    while True:
        seen += [item["id"] for item in answer["items"]]
        following = answer["_links"].get("next")
        if not following:
            break
        answer = api.get(following["href"]).json()
    assert set(seen) == set(made)
    assert len(seen) > len(made)


def test_a_property_that_only_projects(api, app):
    """Every object is listed, whatever was asked for."""
    made = {api.connection(name=f"c{at}") for at in range(3)}
    app.settings.property_filters = False
    assert {item["id"] for item in api.get("/connections", property="name==c1").json()["items"]} == made


def test_a_filtered_list_that_is_bare(api, app):
    """One flow spec is answered without the envelope, several are not."""
    app.settings.bare_match = True
    (spec, *_) = api.get("/flowSpecs").json()["items"]
    assert api.get("/flowSpecs", property=f"id=={spec['id']}").json() == spec


@pytest.mark.parametrize("padding", ["", "==", "%3D%3D"])
def test_tokens(api, app, padding):
    """A token ends in what it may; beside it stands what was asked for, or nothing."""
    made = {api.connection(name=f"c{at}") for at in range(3)}
    app.settings.token_padding = padding
    first = api.get("/connections", limit=2).json()
    link = first["_links"]["next"]["href"]
    assert link.endswith(padding)
    app.settings.token_alone = True
    assert api.get(f"{link}&limit=2").status_code == 400
    rest = api.get(link).json()["items"]
    assert {item["id"] for item in first["items"] + rest} == made


def test_a_spec_without_version(api, app):
    """It is filled in, or a 422."""
    body = {"name": "c", "connectionSpec": {"id": SALESFORCE}}
    assert api.item(f"/connections/{api.made('connections', body)}")["connectionSpec"]["version"] == "1.0"
    app.settings.spec_version_required = True
    assert api.post("/connections", body).status_code == 422
    assert api.post("/connections", {"name": "no spec"}).status_code == 400


def test_a_call_without_sandbox(api, app):
    """It is refused, or means the sandbox prod."""
    del api.headers["x-sandbox-name"]
    assert api.get("/connections").status_code == 400
    app.settings.sandbox_header_required = False
    assert api.item(f"/connections/{api.connection()}")["sandboxName"] == "prod"


def test_how_specs_are_shown(api, app):
    """With their description, and with another spelling of their transformations."""
    app.settings.spec_description = "kept"
    app.settings.transformation_specs = "transformationSpec"
    body = {"name": "f", "providerId": "p", "description": "d", "transformationSpecs": [{"name": "Mapping"}]}
    reply = api.post("/flowSpecs", body).json()
    assert (reply["description"], reply["transformationSpec"]) == ("d", [{"name": "Mapping"}])
    assert "transformationSpecs" not in reply


def test_schemas_that_nobody_checks(api, app):
    """Credentials and schedules pass as they are."""
    app.settings.check_schemas = False
    api.flow(scheduleParams={"frequency": "never"})


def test_a_flow_that_takes_its_ends_along(api, app):
    """They go with it, but for those that another flow has."""
    app.settings.flow_takes_ends = True
    first, source, target, _ = api.flow()
    second, *_ = api.flow(sourceConnectionIds=[source])
    assert api.delete(f"/flows/{first}").status_code == 204
    assert api.get(f"/targetConnections/{target}").status_code == 404
    assert api.get(f"/sourceConnections/{source}").status_code == 200
    assert api.delete(f"/flows/{second}").status_code == 204
    assert api.get(f"/sourceConnections/{source}").status_code == 404
