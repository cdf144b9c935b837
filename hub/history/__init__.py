"""History: what was measured, kept beside the journal for people who look back. It can be thrown away and made anew."""
