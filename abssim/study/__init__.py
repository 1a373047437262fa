"""What a structurer asks: deals and scenarios by name, to call and to maturity, break-even, by speed and by price."""
