"""What the gate decides by."""
