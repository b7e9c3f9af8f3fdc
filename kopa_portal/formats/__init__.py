"""How Swedish and English are written in Finland, where that differs from what Django knows of the languages."""
