"""What an attacker can compute from what was released."""
