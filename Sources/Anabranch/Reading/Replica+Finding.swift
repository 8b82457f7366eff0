public import AnabranchCore
public import AnabranchStore

extension Replica {
  /// Objects of all kinds that are looked at: so many that those of one kind do not hide one of the other.
  private static let candidatesMax = 4_096
  /// Objects that are named where several fit.
  private static let candidatesShown = 16

  /// The object whose printed identifier is, or starts with, `text`.
  ///
  /// Four digits are enough where they fit one object. Throws ``AnabranchError/Code/notFound``, or
  /// ``AnabranchError/Code/ambiguous`` with the candidates in its message, or ``AnabranchError/Code/purged``.
  public func find(_ text: String, _ kind: ObjectKind) throws(AnabranchError) -> ObjectID {
    let id = try findHeld(text, kind)
    try checkNotPurged(id)
    return id
  }

  /// The object that was purged, but still has bytes on this device, whose printed identifier is, or starts with, `text`;
  /// nil where there is none.
  public func findPurged(_ text: String) throws(AnabranchError) -> ObjectID? {
    try purges().first {
      $0.record.due != nil && !$0.record.isPast && $0.record.id.description.hasPrefix(text.lowercased())
    }?.record.id
  }

  /// The conversation, or else the message, or else the attachment, whose printed identifier is, or starts with, `text`;
  /// see ``find(_:_:)``.
  public func find(_ text: String) throws(AnabranchError) -> ObjectID {
    for kind in [ObjectKind.conversation, .message, .attachment] {
      do {
        return try find(text, kind)
      } catch  where error.code == .notFound {
        continue
      }
    }
    throw AnabranchError(
      .notFound, "there is no conversation, no message and no attachment \(text)",
      remedy: "see `anabranch list` for conversations, `anabranch show` for the rest")
  }

  /// The message whose printed identifier is, or starts with, `text`, purged or not; nil where that names no message, but a
  /// conversation. Throws as ``find(_:_:)`` does where it names neither.
  public func findMessageIfAny(_ text: String) throws(AnabranchError) -> ObjectID? {
    do {
      return try findHeld(text, .message)
    } catch  where error.code == .notFound {
      _ = try find(text, .conversation)
      return nil
    }
  }

  /// Throws ``AnabranchError/Code/purged`` where an object was purged, or the conversation that holds it.
  func checkNotPurged(_ id: ObjectID) throws(AnabranchError) {
    guard try withStore({ (store) throws(StoreError) in try store.isPurged(id) }) else { return }
    throw AnabranchError(.purged, "\(id) was purged: it is gone for good", remedy: "see `anabranch status`")
  }

  /// The object whose printed identifier is, or starts with, `text`, purged or not; see ``find(_:_:)``.
  public func findHeld(_ text: String, _ kind: ObjectKind) throws(AnabranchError) -> ObjectID {
    guard
      let candidates = try withStore({ (store) throws(StoreError) in
        try store.candidates(prefix: text, limit: Self.candidatesMax)
      })
    else {
      throw AnabranchError(
        .invalid,
        "expected the identifier of \(kind.withArticle), \(Store.prefixDigitsMin) to 32 hexadecimal digits, "
          + "got “\(text)”",
        remedy: "see `anabranch list` for conversations, `anabranch show` for messages")
    }
    let fitting = candidates.filter { $0.kind == kind }
    // Of two that print alike (see decision 0003) the one that was made here is meant: it comes first.
    if let first = fitting.first, fitting.allSatisfy({ $0.id.printed == first.id.printed }) { return first.id }
    guard fitting.isEmpty else {
      let others = fitting.count > Self.candidatesShown ? " and others" : ""
      throw AnabranchError(
        .ambiguous,
        "“\(text)” fits several: "
          + fitting.prefix(Self.candidatesShown).map { $0.id.description }.joined(separator: ", ") + others,
        remedy: "give more digits")
    }
    let other = candidates.first.map { "; it is \($0.kind.withArticle)" } ?? ""
    throw AnabranchError(
      .notFound, "there is no \(kind.rawValue) \(text)\(other)",
      remedy: "see `anabranch list` for conversations, `anabranch show` for messages")
  }
}

extension ObjectKind {
  /// The word with its article.
  fileprivate var withArticle: String {
    (self == .attachment ? "an " : "a ") + rawValue
  }
}
