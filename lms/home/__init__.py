"""The pages that combine features: the start page, display, help, first set-up and the demo."""
