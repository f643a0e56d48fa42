"""What the descriptions of servers in TOML have in common, whatever the server speaks."""
