internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A purge of the past of what an operation said.
struct HeldRedaction {
  let key: OperationKey
  let purge: PurgePast
  /// What stays, in the form in which the operation had it; nil where it is not there.
  let content: ArraySlice<UInt8>?
}

/// What operations said, without what was purged from their past.
extension ContentReader {
  /// Whether anything was purged from the past of an object's texts.
  func hasRedactions(on object: ObjectKey) throws -> Bool {
    try !db.redactions(on: object).isEmpty
  }

  /// The purges of the past of what an operation said of `object`, or did to its texts; in the order of their names, which
  /// is the same on every replica.
  func redactions(of held: HeldOperation, on object: ObjectKey) throws -> [HeldRedaction] {
    guard let key = logs.key(of: held.id), let count = held.operation.mutation.scalarCount else { return [] }
    let purges = try db.redactions(of: key, on: object).compactMap { try operation(deciding: $0) }.sorted {
      $0.id < $1.id
    }
    return try purges.compactMap { held in
      guard case .purgePast(let purge) = held.operation.mutation, purge.count == count else { return nil }
      return HeldRedaction(key: try logs.heldKey(of: held.id), purge: purge, content: try content(of: held))
    }
  }

  /// What is left of `whole`, all that an operation said, after `purges`: without what any of them takes. Where the
  /// operation's own content is gone, what the first kept of which the content is there; `text` reads a content. Nil where
  /// none is.
  func partial(
    _ whole: String?, after purges: [HeldRedaction], _ text: (ArraySlice<UInt8>) -> String?
  ) -> PartialText? {
    let gone = purges.flatMap(\.purge.gone)
    if let whole { return PartialText(whole).without(gone) }
    for purge in purges {
      guard let kept = purge.content.flatMap(text), let partial = PartialText(kept, gone: purge.purge.gone),
        partial.count == purge.purge.count
      else { continue }
      return partial.without(gone)
    }
    return nil
  }

  /// The message that an operation writes or imports; nil for any other.
  private func messageKey(of held: HeldOperation) throws -> ObjectKey? {
    switch held.operation.mutation {
    case .createMessage: logs.key(of: held.id)?.rawValue
    case .importMessage(let source): try db.key(ofImported: source.message)
    default: nil
    }
  }

  /// What a message says at first, and which of its scalars were purged; nil where it is not there.
  func base(of held: HeldOperation) throws -> (content: MessageContent, text: PartialText)? {
    func message(_ bytes: ArraySlice<UInt8>) -> MessageContent? { MessageContent(canonicalBytes: bytes) }
    let own = try content(of: held).flatMap(message)
    let purges = try messageKey(of: held).map { try redactions(of: held, on: $0) } ?? []
    guard !purges.isEmpty else { return own.map { ($0, PartialText($0.text)) } }
    guard var content = own ?? purges.lazy.compactMap({ $0.content.flatMap(message) }).first,
      let text = partial(own?.text, after: purges, { message($0)?.text })
    else { return nil }
    content.text = text.text
    // What the source said beyond may say it too.
    content.verbatim = nil
    return (content, text)
  }
}
