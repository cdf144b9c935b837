"""Questions of a manager, answered by living through many days: a fifth desk, more appointments, another limit."""
