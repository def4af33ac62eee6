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
    "post_etag_moved": {"post_etag": "moved"},
    "post_etag_absent": {"post_etag": "absent"},
    "numbers_as_numbers": {"numbers": "numbers"},
    "numbers_as_strings": {"numbers": "strings"},
    "leaves_refused": {"leaf_patches": False},
    "remove_without_value": {"remove_needs_value": False},
    "lists_shuffled": {"list_order": "shuffled"},
    "pages_overlap": {"pages_overlap": True},
    "property_projects": {"property_filters": False},
    "bare_match": {"bare_match": True},
    "token_alone": {"token_alone": True},
    "token_padded": {"token_padding": "%3D%3D"},
    "spec_version_required": {"spec_version_required": True},
    "sandbox_header_optional": {"sandbox_header_required": False},
    "spec_description_kept": {"spec_description": "kept"},
    "transformation_spec": {"transformation_specs": "transformationSpec"},
    "drafts_stand": {"draft_changes": "refused"},
    "drafts_free": {"draft_changes": "free"},
    "schemas_unchecked": {"check_schemas": False},
    "flow_takes_ends": {"flow_takes_ends": True},
    "small_pages": {"default_limit": 1},
}
