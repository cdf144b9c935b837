"""Full-screen pages for boards and signs, served by the agent to the browser beside it."""
