"""The portal: people, offers, training and pathways, on the web."""
