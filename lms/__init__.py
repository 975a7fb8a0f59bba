"""Tam Kỳ: courses, quiz results and certificates for IT staff of Vietnamese local government."""
