"""What obligors do: migration, default, recovery, prepayment; expected and loan by loan; random numbers."""
