/// A key that somebody pressed.
enum Key: Hashable, Sendable {
  /// What was typed.
  case character(Character)
  /// A letter while the control key was held down, in lower case.
  case control(Character)
  case up, down, left, right
  case pageUp, pageDown, home, end
  case enter, escape, tab, backTab, backspace, delete
}
