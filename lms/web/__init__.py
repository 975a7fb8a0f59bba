"""What every page shares: access, errors, security, forms, menu; knows core, knows no feature."""
