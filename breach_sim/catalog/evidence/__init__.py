"""What was published beside the attacks: rates, the firm's numbers, national counts, posterior rows."""
