extension Screen {
  /// What the keys do, as it is shown and stands in the document.
  static let help = [
    "↑ ↓  j k          up and down in what has the focus",
    "PgUp PgDn  space  by pages; Ctrl-U and Ctrl-D by halves",
    "g G  Home End     to the first; to the last that was read, then more is",
    "Enter  →  l       into the pane",
    "Esc  ←  h         back to the graph",
    "Tab  Shift-Tab    the next pane, the one before; 1 to 5 choose one",
    "/                 search where the focus is; n the next place, N the last one",
    "r                 read again, with what has come since",
    "q                 quit; Ctrl-C, too. Ctrl-Z suspends",
    "",
    "Change     what a change builds on, what it does, who has it",
    "Why        what became of what it wrote, texts too, and which rule decided",
    "Peers      what each other device lacks of what is here",
    "Conflicts  where several values stand beside each other",
    "Diverged   where the conversation went on at several places",
    "",
    "Each change stands before all that it builds on. Where no line leads",
    "down from one to another, neither writer had seen the other one's.",
  ]

  /// Keys as the last row tells them: the first of these that fits.
  static let hints = [
    "↑↓ move  Enter open  Tab pane  / search  r reload  ? help  q quit",
    "↑↓ move  Tab pane  ? help  q quit", "? help  q quit", "?",
  ]
}
