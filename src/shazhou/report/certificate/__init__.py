"""The connection certificate on paper, in both languages, printed from nothing but the signed certificate."""
