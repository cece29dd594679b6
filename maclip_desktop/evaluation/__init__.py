"""How well scores agree with people's opinions: labels, correlations, the paper's figures, tables and plots."""
