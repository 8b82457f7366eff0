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

extension Mutation {
  /// Which register, set or text it changes, as `inspect why` calls it where it can be asked; nil of all else, and of what a newer version
  /// knows.
  var what: String? {
    switch self {
    case .writeRegister(let write): Self.registers[write.register]?.name
    case .addElement(let addition): Self.sets[addition.set]?.name
    case .removeElement(let removal): Self.sets[removal.set]?.name
    case .editText(let edit): Self.texts[edit.text]
    default: nil
    }
  }

  /// What it does in words, where they say more than those of its kind.
  var deed: String? {
    switch self {
    case .writeRegister(let write): Self.registers[write.register]?.deed
    case .addElement(let addition): Self.sets[addition.set]?.adds
    case .removeElement(let removal): Self.sets[removal.set]?.removes
    case .editText(let edit): Self.texts[edit.text].map { "edits the \($0) of" }
    default: nil
    }
  }

  private static let registers: [RegisterKind: (name: String, deed: String)] = [
    .title: ("title", "writes the title of"), .archived: ("archived", "writes “archived” of"),
    .pinned: ("pinned", "writes “pinned” of"), .model: ("model", "writes the model of"),
    .name: ("name", "writes the name of"), .fields: ("field", "writes a field of"),
  ]

  private static let sets: [SetKind: (name: String, adds: String, removes: String)] = [
    .tags: ("tag", "adds a tag to", "removes a tag from"),
    .folders: ("folder", "puts into a folder", "takes out of a folder"),
    .attachments: ("attachment", "attaches a file to", "detaches a file from"),
  ]

  private static let texts: [TextKind: String] = [.body: "text", .draft: "draft", .notes: "notes"]
}
