public import AnabranchCore
public import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// A text, to be edited: the body of a message, or the draft or the notes of a conversation. Empty where nobody wrote
  /// anything yet.
  ///
  /// Seals what is being written, so that the version that is returned stays what it is. Throws
  /// ``AnabranchError/Code/notFound`` where there is no such message or conversation.
  public func text(_ text: TextKind, of object: ObjectID) throws(AnabranchError) -> TextRecord {
    try sealOpenChange()
    return try readText(text, of: object)
  }

  /// Edits a text as it was in `version`, and returns the version that holds the edits; durable when this returns.
  ///
  /// `version` is that of ``text(_:of:)``, or what this returned last. What others did since, here or elsewhere, is
  /// merged with it: so a person who types names what stands on their screen, and waits for nobody. Edits that follow
  /// each other become one operation of one change, which is sealed and sent after two seconds of rest, every ten
  /// seconds, at 64 KiB, or when a peer connects.
  @discardableResult
  public func edit(
    _ edits: TextEdits, of text: TextKind, in object: ObjectID, seen version: [OperationID]
  ) throws(AnabranchError) -> [OperationID] {
    _ = try deviceKey()
    let wall = surroundings.wall()
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let pieces = edits.pieces(bytesMax: OpenChange.bytesMax, editsMax: Self.editsMax)
    let before = try vector()
    // Whatever was kept before a piece that fails is to be sealed too.
    defer { sealAfterRest() }
    var version = version
    edited = object
    try withStore { (store) throws(StoreError) in
      for piece in pieces {
        version = try store.edit(
          piece, of: text, in: object, seen: version, salt: .random(using: &generator), wall: wall)
      }
    }
    if try vector() != before { announce(object) }
    tellWords()
    return version
  }

  /// Edits in one operation: what 64 KiB of them, at some ten bytes each, come to.
  private static let editsMax = 4_096

  /// Does to a text what makes `new` of `old`, which somebody read some time ago, and returns whether that was
  /// anything.
  ///
  /// Only the words that differ are touched, and what was done to the text since `old` was read stays.
  @discardableResult
  public func rewrite(
    _ text: TextKind, of object: ObjectID, from old: String, to new: String
  ) throws(AnabranchError) -> Bool {
    let present = try self.text(text, of: object)
    guard present.count == present.text.scalarCount else {
      throw AnabranchError(
        .invalid, "a part of that text is not on this device", remedy: "sync with a device that has it, then try again")
    }
    let edits = TextEdits(from: old, to: new).rebased(from: old, onto: present.text)
    guard !edits.isEmpty else { return false }
    try edit(edits, of: text, in: object, seen: present.version)
    try sealOpenChange()
    return true
  }

  /// Makes a message of the draft of a conversation, empties the draft, and returns the message's name. Throws
  /// ``AnabranchError/Code/invalid`` where the draft is blank.
  @discardableResult
  public func sayDraft(in conversation: ObjectID) throws(AnabranchError) -> ObjectID {
    let draft = try text(.draft, of: conversation)
    guard !draft.text.allSatisfy(\.isWhitespace) else {
      throw AnabranchError(.invalid, "the draft in \(conversation) is empty", remedy: "write it first")
    }
    var empty = TextEdits()
    empty.delete(0..<draft.count)
    return try asOne { () throws(AnabranchError) in
      let message = try say(draft.text, in: conversation)
      try edit(empty, of: .draft, in: conversation, seen: draft.version)
      try sealOpenChange()
      return message
    }
  }

  private func readText(_ text: TextKind, of object: ObjectID) throws(AnabranchError) -> TextRecord {
    guard let record = try withStore({ (store) throws(StoreError) in try store.text(text, of: object) }) else {
      throw AnabranchError(
        .notFound, "there is no \(text == .body ? "message" : "conversation") \(object)",
        remedy: "see `anabranch list` and `show` for those there are")
    }
    return record
  }
}
