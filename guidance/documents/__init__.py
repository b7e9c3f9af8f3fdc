"""What leaves the portal: text to copy, pages to print, a calendar file, a whole path as data. Never a protected detail."""
