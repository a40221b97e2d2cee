"""What every page shares: the request's session, rights, rendering, headers, errors."""
