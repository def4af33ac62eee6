"""Secrets show nothing, the redactor knows them in every dress, and keys are the same everywhere and always."""

import base64
import copy
import json
import pickle
import threading
import time
from urllib.parse import quote, quote_plus

import pytest

from reconciler.model.secrets import (
    MASK,
    Fingerprint,
    Keys,
    Redactor,
    Secret,
    SecretOrigin,
    SecretSlot,
    encodings,
)

VALUE = 'p@ss "wörd"/+&é\n\\x'


def test_a_secret_shows_itself_only_to_reveal():
    """Printing, formatting and logging it give the mask."""
    secret = Secret("hunter-two")
    assert secret.reveal() == "hunter-two"
    for shown in (
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r:>20}",
        f"{secret:>20}",
        str([secret]),
    ):
        assert "hunter" not in shown
        assert MASK in shown


def test_secrets_compare_by_value_and_to_nothing_else():
    """Equal values are equal; a plain text is no secret."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("ä") == Secret("ä")


def test_a_secret_is_never_hashed_or_serialised():
    """Neither tables nor pickles nor JSON take it."""
    with pytest.raises(TypeError):
        hash(Secret("a"))
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))
    with pytest.raises(TypeError):
        copy.deepcopy(Secret("a"))
    with pytest.raises(TypeError):
        json.dumps(Secret("a"))


def test_a_slot_is_shown_by_its_pointer():
    """Where it stands is public; its literal is not."""
    slot = SecretSlot("/auth/params/password", SecretOrigin.LITERAL, "literal", Secret("hunter-two"))
    assert slot.shown() == {"$secret": "/auth/params/password"}
    assert "hunter" not in repr(slot)


def test_a_slot_is_compared_by_its_pointer():
    """Plans do not depend on where a value comes from."""
    slot = SecretSlot("/a", SecretOrigin.ENV, "FLOW_SECRET_A")
    assert slot == SecretSlot("/a", SecretOrigin.FILE, "/run/a")
    assert slot != SecretSlot("/b", SecretOrigin.ENV, "FLOW_SECRET_A")
    assert slot != "/a"
    assert len({slot, SecretSlot("/a", SecretOrigin.FILE, "/run/a")}) == 1


def test_keys_are_known():
    """The derivation is fixed: another would make every seal in every ledger wrong. These values are from openssl."""
    keys = Keys.derive(Secret("root"))
    assert keys.id == "f6e9339bc94047e7"
    assert keys.fingerprint("context", Secret("value")) == Fingerprint(
        "f6e9339bc94047e7", "7c611edf4555837d42e2fa4ac9db2d189f3f8b0c2743986c7dccde7d2f5c9c5c"
    )
    assert keys.seal("purpose", b"content") == "e4cd0a03c3a3f33f502c1a2f3fbf28ade211c1e77342c13b672cbbc9f50820d8"


def test_keys_show_their_id_alone():
    """The id is public, the keys are not."""
    keys = Keys.derive(Secret("root"))
    assert repr(keys) == f"Keys({keys.id})"
    assert len(keys.id) == 16


def test_another_root_is_another_key():
    """Nothing of one root fits another."""
    one, other = Keys.derive(Secret("root")), Keys.derive(Secret("root2"))
    assert one.id != other.id
    assert one.seal("p", b"") != other.seal("p", b"")
    assert one.fingerprint("c", Secret("v")).hmac != other.fingerprint("c", Secret("v")).hmac


def test_fingerprints_differ_by_context_and_value():
    """Two places with one password do not look alike, and no boundary can be moved between context and value."""
    keys = Keys.derive(Secret("root"))
    prints = [("a", "v"), ("b", "v"), ("a", "w"), ("av", ""), ("", "av"), ('a","v', ""), ("a", '","v')]
    assert len({keys.fingerprint(context, Secret(value)).hmac for context, value in prints}) == len(prints)
    assert keys.fingerprint("a", Secret("v")) == keys.fingerprint("a", Secret("v"))


def test_seals_differ_by_purpose_and_content():
    """A ledger's seal does not pass for a plan's."""
    keys = Keys.derive(Secret("root"))
    sealed = [("ledger", b"x"), ("plan", b"x"), ("ledger", b"y"), ("ledgerx", b""), ("", b"ledgerx")]
    assert len({keys.seal(purpose, content) for purpose, content in sealed}) == len(sealed)


@pytest.mark.parametrize(
    "dressed",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        json.dumps({"password": VALUE}),
        repr(VALUE),
        f"https://host/?password={quote(VALUE, safe='')}",
        f"https://host/{quote(VALUE)}",
        quote(VALUE, safe="").lower(),
        quote_plus(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(VALUE.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
    ],
)
def test_a_redactor_knows_a_secret_in_every_dress(dressed):
    """Plain, JSON, repr, URL and base64: none of it survives."""
    redactor = Redactor()
    redactor.learn(VALUE)
    shown = redactor.redact(f"before {dressed} after")
    assert "p@ss" not in shown
    assert "rd\\" not in shown
    assert "rd%" not in shown
    assert dressed not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_the_longest_secret_is_masked_first():
    """A secret within another does not leave the rest of that other standing."""
    redactor = Redactor()
    redactor.learn_all(["hunter", "hunter-two"])
    assert redactor.redact("hunter-two hunter") == f"{MASK} {MASK}"


def test_the_shortest_secrets_go_where_they_stand_alone():
    """And not within a word, into which they would tear a hole; nor out of data, where they stand for themselves."""
    redactor = Redactor()
    redactor.learn_all(["ab", "", "0"])
    assert redactor.redact("cab 'ab' 10 0, ab") == f"cab '{MASK}' 10 {MASK}, {MASK}"
    assert redactor.redact_data("ab 0") == redactor.redact_finished("ab 0") == "ab 0"
    assert not redactor.knows("ab 0")


def test_a_public_word_stays_in_data_and_goes_out_of_what_others_say():
    """A plan does not depend on a password being one of its words; an error is not shown with a password in it."""
    redactor = Redactor()
    redactor.learn_all(["prod", "hunter-two", "139f6a5f-a"])
    redactor.publish(["the prod sandbox", "139f6a5f-a78b"])
    redactor.publish(["the prod sandbox", ""])
    redactor.learn_all(["prod"])
    assert redactor.redact_data("prod 139f6a5f-a hunter-two") == f"prod 139f6a5f-a {MASK}"
    assert redactor.redact_finished("prod 139f6a5f-a hunter-two") == f"prod 139f6a5f-a {MASK}"
    assert redactor.redact("prod 139f6a5f-a hunter-two") == f"{MASK} {MASK} {MASK}"
    assert redactor.knows("a prod")


def test_a_line_that_is_public_stays():
    """Of a key file in JSON some lines stand in every such file."""
    redactor = Redactor()
    redactor.learn('{\n  "type": "service_account",\n  "private_key": "MII"\n}')
    redactor.publish(['  "type": "service_account",'])
    shown = redactor.redact_data('a  "type": "service_account", b  "private_key": "MII" c')
    assert shown == f'a  "type": "service_account", b{MASK} c'


@pytest.mark.parametrize("word", ["update", "name", "connectionspec", "0", "sunshine", "a-b"])
def test_a_finished_text_keeps_what_may_be_a_word_of_ours(word):
    """It was made of values from which secrets had been taken before."""
    redactor = Redactor()
    redactor.learn(word)
    assert redactor.redact_finished(f"x {word} y") == f"x {word} y"
    assert MASK in redactor.redact(f"x {word} y")


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("behind", range(3))
def test_base64_of_a_secret_among_other_bytes_is_known(before, behind):
    """As in a header of basic authentication, where a user stands before it."""
    redactor = Redactor()
    redactor.learn("hunter-two>?~")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(b"u" * before + b"hunter-two>?~" + b"v" * behind).decode()
        shown = redactor.redact(coded)
        assert MASK in shown
        assert len(shown) < 15


def test_thousands_of_secrets_are_looked_for_at_once():
    """An organisation has many, and a plan many lines; also where all begin alike."""
    redactor = Redactor()
    redactor.learn_all(f"secret-{number}-{number * 7919}" for number in range(4000))
    text = "secret-secr-x" * 20_000
    begun = time.process_time()
    assert redactor.redact(f"{text}secret-7-55433{text}") == f"{text}{MASK}{text}"
    assert time.process_time() - begun < 10


def test_a_short_value_is_not_learnt_by_its_longer_dress():
    """Under four characters nothing is learnt."""
    redactor = Redactor()
    redactor.learn('"""')
    assert redactor.redact('\\"\\"\\"') == '\\"\\"\\"'


def test_half_a_surrogate_pair_can_be_a_secret():
    """Whatever a variable holds can be learnt."""
    assert "ab\ud800cd" in encodings("ab\ud800cd")


def test_a_redactor_is_taught_by_many_threads():
    """Nothing that was learnt is lost."""
    redactor = Redactor()
    names = [f"secret-{number:03}" for number in range(100)]
    threads = [threading.Thread(target=redactor.learn_all, args=(names[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redactor.redact(" ".join(names)) == " ".join([MASK] * 100)
