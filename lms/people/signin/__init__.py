"""Ways of signing in: each returns an account or refuses."""
