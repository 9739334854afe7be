"""An integral, by as many ranks as there are."""
