"""What the contract says: frozen models that cannot compute, and the language of their expressions."""
