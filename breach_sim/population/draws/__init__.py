"""Random draws by row number: keyed permutations, hashed words and alias tables."""
