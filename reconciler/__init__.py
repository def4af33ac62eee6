"""A declarative GitOps reconciler for Adobe Experience Platform Flow Service: the story, from git to etag.

1. :mod:`reconciler.manifest` reads the YAML files of a folder, strictly, and says what git wants on one target: for
   each resource a :class:`~reconciler.model.resources.Desired`, with references and secrets as opaque leaves.
2. :mod:`reconciler.ledger` says what was last applied there, and how the service answered it: an
   :class:`~reconciler.model.ledger.Entry` a resource, no secret in it but keyed fingerprints.
3. :mod:`reconciler.engine.observe` asks the service what is live, in lists, through :mod:`reconciler.service`;
   :mod:`reconciler.engine.latecomers` tells what is missing from what is late.
4. :mod:`reconciler.engine.match` puts the three beside each other; :mod:`reconciler.engine.decide` compares them three
   ways (:mod:`reconciler.diff.three_way`), merges what git wants into what is live (:mod:`reconciler.diff.merge`) and
   finds the smallest patch between the two (:mod:`reconciler.diff.patch`); :mod:`reconciler.engine.verify` checks it.
5. :mod:`reconciler.engine.steps` makes a change of each decision and :mod:`reconciler.engine.plan` a plan of them,
   which is data; :mod:`reconciler.engine.schemas` blocks what does not fit the service's own schemas;
   :mod:`reconciler.render` shows it.
6. :mod:`reconciler.engine.apply` begins in the ledger, carries the steps out in the order of their references
   (:mod:`reconciler.engine.execution`), and ends. Each write (:mod:`reconciler.engine.write`) is a PATCH with the etag
   that was read; on a 412 it reads again and compares again. What became of it is read back and remembered.
7. :mod:`reconciler.engine.drift` tells what was changed behind git's back from what git has changed since. What is to
   stay becomes what git wants (:mod:`reconciler.engine.accepting`, :mod:`reconciler.manifest.editing`), or is left
   alone until a day (:mod:`reconciler.engine.snoozing`).

Beside this road: :mod:`reconciler.engine.importing` makes manifests of live objects, :mod:`reconciler.engine.removal`
says what becomes of those whose manifest has left git, :mod:`reconciler.engine.renewal` when one may take the place of
another, :mod:`reconciler.engine.review` holds a plan against those that
people have reviewed (:mod:`reconciler.ledger.plan_file`), :mod:`reconciler.service.probe` asks what ``doctor`` tells,
:mod:`reconciler.model.graph` knows who needs whom, :mod:`reconciler.github` speaks with GitHub for the workflows.

:mod:`reconciler.cli` is the command line: ``wiring`` is the one place where the parts meet. :mod:`reconciler.emulator`
is a Flow Service of our own, as strict as what is known of Adobe's, and imports nothing of the rest.
"""

__version__ = "0.1.0"
