"""Files to take away: as published, made when asked for, and the addresses that lead to them."""
