"""The texts that say yes and no, compared in small letters and without blanks around them."""

YES = ("true", "yes", "y", "t", "1", "on")
NO = ("false", "no", "n", "f", "0", "off")
