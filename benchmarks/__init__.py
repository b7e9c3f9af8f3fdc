"""Speed as ratios against a floor measured in the same run; nothing here is switched on in the portal."""
