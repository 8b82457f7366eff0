public import AnabranchCore
internal import AnabranchStore

/// A stretch of a text, and who wrote it.
public struct TextAuthorship: Hashable, Sendable {
  /// What it says; empty where that is not here.
  public var text: String
  /// Where it begins, in scalars.
  public var position: Int
  /// How many scalars it has.
  public var count: Int
  /// The operation that wrote it first; nil where the text is the body of an imported message, or what it says is not here.
  public var operation: OperationID?
  /// When, on its writer's hybrid clock.
  public var time: HybridTime?
  /// Of words that an undo put back, what inserted them anew, the last time; nil where they never went.
  public var putBackBy: OperationID?
  /// When that was.
  public var putBackTime: HybridTime?
}

/// A part of a text, as it stands in two versions of it.
public struct TextDifference: Hashable, Sendable {
  /// In which of them.
  public enum Kind: String, Hashable, Sendable {
    /// In both.
    case same
    /// In the earlier one alone.
    case removed
    /// In the later one alone.
    case inserted
  }

  /// In which of them.
  public var kind: Kind
  /// What it says.
  public var text: String

  /// A part that says `text`.
  public init(kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }
}

extension Replica {
  /// What a text said after each change to it: the body of a message, or the draft or the notes of a conversation.
  ///
  /// Seals what is being written. Throws ``AnabranchError/Code/notFound`` where there is no such message or conversation,
  /// and ``AnabranchError/Code/purged`` where it is gone.
  public func revisions(of text: TextKind, of object: ObjectID) throws(AnabranchError) -> TextRevisions {
    try read(text, of: object) { (store) throws(StoreError) in try store.revisions(of: text, of: object) }
  }

  /// What `body` reads of a text once what is being written is sealed; throws where it is nil, since there is no such text.
  func read<Result: Sendable>(
    _ text: TextKind, of object: ObjectID, _ body: (Store) throws(StoreError) -> Result?
  ) throws(AnabranchError) -> Result {
    try sealOpenChange()
    guard let found = try withStore(body) else {
      try checkNotPurged(object)
      throw AnabranchError(
        .notFound, "there is no \(text == .body ? "message" : "conversation") \(object)",
        remedy: "see `anabranch list` for conversations, `anabranch show` for messages")
    }
    return found
  }

  /// A text as it is now, in stretches, each by one writer at one time. Words that an undo put back are those of who wrote them first.
  public func authors(of text: TextKind, of object: ObjectID) throws(AnabranchError) -> [TextAuthorship] {
    let revisions = try revisions(of: text, of: object)
    let message = text == .body ? try message(object).message : nil
    let times = Dictionary(revisions.revisions.map { ($0.change, $0.time) }) { first, _ in first }
    let regained = try withStore { (store) throws(StoreError) in
      try store.lineage(of: revisions.operationNames, on: object)
    }
    var position = 0
    return revisions.document(after: .max).authorship(regained: regained).map { span, first in
      defer { position += span.count }
      // What a forged history says that it was before is not believed where that is no operation on the text.
      let writer = first.map { times[$0.change] == nil } == true ? span.operation : first
      let beginning = span.text.isEmpty ? nil : message?.operation
      let operation = writer ?? beginning
      let isBack = writer != span.operation
      return TextAuthorship(
        text: span.text, position: position, count: span.count, operation: operation,
        time: writer.flatMap { times[$0.change] } ?? (operation == nil ? nil : message?.time),
        putBackBy: isBack ? span.operation : nil,
        putBackTime: isBack ? span.operation.flatMap { times[$0.change] } : nil)
    }
  }
}

extension TextRevisions {
  /// What differs between the text after the first `earlier` and after the first `later` of the revisions, word by word.
  public func difference(between earlier: Int, and later: Int) -> [TextDifference] {
    let old = Array(document(after: earlier).text.unicodeScalars)
    let new = document(after: later).text
    var parts: [TextDifference] = []
    func add(_ kind: TextDifference.Kind, _ scalars: some Sequence<Unicode.Scalar>) {
      let text = String(String.UnicodeScalarView(scalars))
      if !text.isEmpty { parts.append(TextDifference(kind: kind, text: text)) }
    }
    let edits = TextEdits(from: String(String.UnicodeScalarView(old)), to: new)
    var inserted = edits.inserted.unicodeScalars[...]
    // Edits go from the beginning to the end; `place` is how far that is in the old text, `now` in the new one.
    var (place, now) = (0, 0)
    for edit in edits.edits {
      add(.same, old[place..<place + edit.position - now])
      place += edit.position - now
      now = edit.position
      if edit.isDeletion {
        add(.removed, old[place..<place + edit.count])
        place += edit.count
      } else {
        add(.inserted, inserted.prefix(edit.count))
        inserted = inserted.dropFirst(edit.count)
        now += edit.count
      }
    }
    add(.same, old[place...])
    return parts
  }
}
