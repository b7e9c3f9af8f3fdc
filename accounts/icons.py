"""The portal's own icons: lines on a field of 24 x 24, in the colour of the text beside them.

Each is drawn by us in the line of the wordmark; an icon never stands without words.
"""

ICONS = {
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5.5 5.5"/>',
    "person": '<circle cx="12" cy="8" r="3.75"/><path d="M4.5 20a7.5 6.5 0 0 1 15 0"/>',
    "down": '<path d="M6 9.5l6 6 6-6"/>',
    "forward": '<path d="M9.5 6l6 6-6 6"/>',
    "back": '<path d="M14.5 6l-6 6 6 6"/>',
    "remove": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "done": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "in-order": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12.3l2.8 2.8L16 9.7"/>',
    "waiting": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.5 2"/>',
    "danger": '<path d="M12 3.5l9.2 16.5H2.8z"/><path d="M12 10v4.5M12 17.3v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11.2v5M12 7.8v.1"/>',
    "language": '<path d="M3.5 5h17v11h-9l-4.5 4v-4h-3.5z"/><path d="M8 9h8M8 12.3h5"/>',
    "old": '<path d="M5 4h14M5 20h14M7 4c0 4 5 5.5 5 8s-5 4-5 8M17 4c0 4-5 5.5-5 8s5 4 5 8"/>',
    "demo": '<path d="M10 3.5v6l-5.5 9.5a1 1 0 0 0 .9 1.5h13.2a1 1 0 0 0 .9-1.5L14 9.5v-6M8.5 3.5h7M8 14.5h8"/>',
    "phone": '<path d="M6.5 3.5h3l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"/>',
    "mail": '<path d="M3.5 6h17v12.5h-17zM3.5 7l8.5 6.5L20.5 7"/>',
    "place": '<path d="M12 21s6.5-6.3 6.5-11.2a6.5 6.5 0 0 0-13 0C5.5 14.7 12 21 12 21z"/><circle cx="12" cy="9.8" r="2.3"/>',
    "area": '<circle cx="5" cy="17" r="2"/><circle cx="12" cy="7" r="2"/><circle cx="19" cy="17" r="2"/><path d="M6.2 15.3L10.8 8.7M13.2 8.7l4.6 6.6M7 17h10"/>',
    "organisation": '<path d="M3.5 20.5h17M5.5 20.5v-12M18.5 20.5v-12M3.5 8.5L12 3.5l8.5 5zM10 20.5v-6h4v6"/>',
    "edit": '<path d="M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 8.5v-5h10v5M7 17H4v-8.5h16V17h-3M7 14h10v6.5H7z"/>',
    "history": '<path d="M4.5 12a8 8 0 1 0 2.5-5.8L4.5 8.5M4.5 4v4.5H9M12 8v4.3l3 1.7"/>',
    "mail-sent": '<path d="M20.5 3.5L3.5 10.5l6.5 3 3 7zM20.5 3.5L10 13.5"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7L12 17.7"/>',
    "joined": '<circle cx="10" cy="8" r="3.5"/><path d="M3.5 20a6.5 6.5 0 0 1 13 0M18.5 8v6M15.5 11h6"/>',
    "left": '<path d="M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5"/>',
    "star": '<path d="M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z"/>',
    "starred": '<path fill="currentColor" d="M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z"/>',
}
