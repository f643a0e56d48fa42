"""What a study says, for people: one page, its pictures and its numbers."""
