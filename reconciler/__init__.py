"""A declarative GitOps reconciler for Adobe Experience Platform Flow Service."""

__version__ = "0.1.0"
