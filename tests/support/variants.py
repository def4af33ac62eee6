"""Every variant of the emulator that a client must cope with: name → what it changes in the settings."""

from __future__ import annotations

from typing import Any

VARIANTS: dict[str, dict[str, Any]] = {
    "secrets_masked": {"secrets": "masked"},
    "secrets_absent": {"secrets": "absent"},
    "post_spec_wrapped": {"post_spec_reply": "wrapped"},
    "patch_envelope": {"patch_reply": "envelope"},
    "content_path_collapsed": {"content_path": "collapsed"},
    "if_match_unquoted": {"quoted_if_match_required": False},
    "settling": {"settle_seconds": 5.0},
    "deleting": {"delete_seconds": 5.0},
    "no_transient_state": {"transient_state": False},
    "no_page_links": {"page_links": False},
    "index_ops_lenient": {"strict_index_ops": False},
    "auth_leaves": {"auth_leaves": True},
    "small_pages": {"default_limit": 1},
}
