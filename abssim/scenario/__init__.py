"""What may happen: assumptions, curves, roll rates, rates and stresses, as documents."""
