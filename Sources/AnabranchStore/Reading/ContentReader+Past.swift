internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A purge of the past of what an operation said.
struct HeldRedaction {
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

  /// The purges of the past of what an operation said.
  func redactions(of held: HeldOperation) throws -> [HeldRedaction] {
    guard let key = logs.key(of: held.id), let count = held.operation.mutation.scalarCount else { return [] }
    return try db.redactions(of: key).compactMap { key in
      guard let held = try operation(key), case .purgePast(let purge) = held.operation.mutation,
        purge.count == count
      else { return nil }
      return HeldRedaction(purge: purge, content: try content(of: held))
    }
  }

  /// What is left of `whole`, all that an operation said, after `purges`: without what any of them takes. Where the
  /// operation's own content is gone, what each of them kept is put together; `text` reads a content. Nil where something
  /// that stays is not there.
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

  /// What a message says at first, and which of its scalars were purged; nil where it is not there.
  func base(of held: HeldOperation) throws -> (content: MessageContent, text: PartialText)? {
    func message(_ bytes: ArraySlice<UInt8>) -> MessageContent? { MessageContent(canonicalBytes: bytes) }
    let own = try content(of: held).flatMap(message)
    let purges = try redactions(of: held)
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
