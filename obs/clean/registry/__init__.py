"""Keep deliveries: what was received, what became of it, and what was corrected."""

from obs.clean.registry.delivery_registry import Registry

__all__ = ["Registry"]
