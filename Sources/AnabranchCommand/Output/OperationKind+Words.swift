internal import Anabranch

extension OperationKind {
  /// The kind as JSON has it; a number where a newer version knows what it is.
  var name: String {
    Self.words[self]?.name ?? "\(rawValue)"
  }

  /// What an operation of the kind does, in words.
  var deed: String {
    Self.words[self]?.deed ?? "does what a newer version knows"
  }

  private static let words: [OperationKind: (name: String, deed: String)] = [
    .createConversation: ("createConversation", "begins a conversation"),
    .createMessage: ("createMessage", "writes a message in"),
    .appendText: ("appendText", "adds text to"),
    .writeRegister: ("writeRegister", "writes a value of"),
    .addElement: ("addElement", "adds to a set of"),
    .removeElement: ("removeElement", "removes from a set of"),
    .trash: ("trash", "puts into the trash"),
    .restore: ("restore", "takes out of the trash"),
    .importConversation: ("importConversation", "imports conversation"),
    .importMessage: ("importMessage", "imports a message into"),
    .chunk: ("chunk", "holds a piece of a large content"),
    .editText: ("editText", "edits a text of"),
    .purge: ("purge", "purges"),
    .receipt: ("receipt", "says that nothing is left of what was purged"),
    .purgePast: ("purgePast", "purges what was deleted from"),
    .markRead: ("markRead", "marks as read"),
    .withdraw: ("withdraw", "takes back what was done to"),
    .reinstate: ("reinstate", "ends an undo of what was done to"),
    .regainText: ("regainText", "says that text came again in"),
    .undo: ("undo", "undoes actions"),
    .enrol: ("enrol", "lets a device in"),
    .restrict: ("restrict", "takes rights from a device"),
    .adopt: ("adopt", "brings along another history"),
  ]
}
