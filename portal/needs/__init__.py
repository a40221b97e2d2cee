"""The register of unmet needs: what writes the next training market (S3-09, I-34)."""
