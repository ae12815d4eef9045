"""Tables: areas, facilities, gates and streets as people have them."""
