public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What was deleted from what one operation said, and what is left of that.
public struct PastContent: Hashable, Sendable {
  /// The operation.
  public var operation: OperationID
  /// Which of the scalars that it inserted show no more.
  public var gone: [Range<Int>]
  /// How many it inserted.
  public var count: Int
  /// What stays, in the form in which the operation has it.
  public var kept: [UInt8]
}

extension Store {
  /// What was deleted from a text and is still in the log: what a purge of its past takes. Nil where there is no such
  /// object.
  ///
  /// Of an imported message also what it said in imports that show no more. Throws ``StoreError/Code/notFound`` where a
  /// part of the text is not on this device: what stays could not be kept. O(history of the text).
  public func past(of text: TextKind, in object: ObjectID) throws(StoreError) -> [PastContent]? {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return nil }
      let reader = ContentReader(db, state)
      guard let held = try reader.text(text, ofHeld: key) else { return nil }
      let spans = held.document.spans
      guard spans.allSatisfy({ !$0.text.isEmpty }) else {
        throw StoreError(
          .notFound, "a part of the text is not on this device, and would be lost with its past",
          remedy: "purge its past on a device that has all of it")
      }
      let shown = Dictionary(grouping: spans, by: \.operation)
      // Edits that were made on another base than the one that shows are nobody's past: they may show again.
      var past = try held.operations.compactMap { operation in
        try reader.past(
          of: operation.id, on: key, count: operation.edits.insertedCount, shown: shown[operation.id] ?? []
        ) { Array($0.utf8) }
      }
      guard text == .body else { return past }
      let hasOthers = try reader.operations(on: TextKey(object: key, text: text)).all.count > held.operations.count
      for definition in try db.definitions(ofMessage: key, state) {
        guard let told = try reader.operation(definition), let count = told.operation.mutation.scalarCount,
          let base = try reader.base(of: told)
        else { continue }
        // An import that says something else than what shows has nothing in it that does.
        let isShown = held.base == base.text
        guard isShown || !hasOthers else { continue }
        var content = MessageContent(text: "", author: base.content.author, model: base.content.model)
        let found = try reader.past(of: told.id, on: key, count: count, shown: isShown ? shown[nil] ?? [] : []) {
          content.text = $0
          return content.canonicalBytes
        }
        if let found { past.append(found) }
      }
      return past
    }
  }
}

extension ContentReader {
  /// What is gone of the `count` scalars that an operation inserted, of which `shown` show; nil where nothing is that was
  /// not purged before. `content` makes a content of what stays.
  fileprivate func past(
    of operation: OperationID, on object: ObjectKey, count: Int, shown: [TextSpan], _ content: (String) -> [UInt8]
  ) throws -> PastContent? {
    let shown = shown.sorted { $0.offset < $1.offset }
    var gone: [Range<Int>] = []
    var place = 0
    for span in shown {
      if place < span.offset { gone.append(place..<span.offset) }
      place = span.offset + span.count
    }
    if place < count { gone.append(place..<count) }
    guard let held = try logs.key(of: operation).flatMap({ try self.operation($0) }), !gone.isEmpty else { return nil }
    // Of several purges none may take all that they take together: then one more does.
    guard try !redactions(of: held, on: object).contains(where: { $0.purge.gone == gone }) else { return nil }
    return PastContent(
      operation: operation, gone: gone, count: count, kept: content(shown.map(\.text).joined()))
  }
}

extension Database {
  /// What says what a message is, or said so in an import that shows no more.
  fileprivate func definitions(ofMessage message: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    try documents(about: message, logs).filter { key in
      switch try operation(key, logs).operation.mutation {
      case .createMessage, .importMessage: true
      default: false
      }
    }
  }
}
