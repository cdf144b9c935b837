"""Who may do what: accounts of staff, tokens of programs, sessions of browsers, and what was done with them. Visitors
have none of this: a ticket opens itself. This room knows neither pages nor HTTP."""
