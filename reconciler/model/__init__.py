"""The words of the project as frozen values: resources, secrets, changes, the plan, the ledger's entries, errors."""
