public import AnabranchCore
public import AnabranchStore

/// Why something of a conversation or a message is as it is.
public struct Explanation: Hashable, Sendable {
  /// The conversation or the message.
  public var object: ObjectID
  /// What of it.
  public var facet: Facet
  /// All that was done to that: what shows first, then the last thing first.
  public var contenders: [Contender]
}

extension Replica {
  /// All that was done to a facet of a conversation or a message, and what became of each: what shows first, then the last
  /// thing first.
  ///
  /// Empty where nobody did anything to it. Throws ``AnabranchError/Code/purged`` where the object was purged, unless that is
  /// asked, or whether a message shows: then the purge is among it.
  public func contenders(for facet: Facet, of id: ObjectID) throws(AnabranchError) -> [Contender] {
    if facet != .message && facet != .purge { try checkNotPurged(id) }
    return try withStore { (store) throws(StoreError) in try store.contenders(for: facet, of: id) }
  }

  /// Why a text reads as it does: the body of a message, or the draft or the notes of a conversation. At most `limit` operations
  /// on it are told, the last ones.
  ///
  /// Seals what is being written. Throws ``AnabranchError/Code/notFound`` where there is no such message or conversation,
  /// and ``AnabranchError/Code/purged`` where it is gone. O(history of the text).
  public func explanation(
    of text: TextKind, of object: ObjectID, limit: Int
  ) throws(AnabranchError) -> ExplainedText {
    try read(text, of: object) { (store) throws(StoreError) in try store.explanation(of: text, of: object, limit: limit)
    }
  }

  /// What a change wrote values of, and whether the messages show that it wrote or took back, in its order and each once, with all
  /// that was done to that, and of what was purged who did that: at most `limit`. Empty where it is not held. O(what was done to its
  /// objects).
  public func explanations(of change: ChangeID, limit: Int) throws(AnabranchError) -> [Explanation] {
    try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        var explanations: [Explanation] = []
        for place in try store.facets(writtenBy: change) where explanations.count < limit {
          let contenders = try store.contenders(for: place.facet, of: place.object)
          guard !contenders.isEmpty else { continue }
          explanations.append(Explanation(object: place.object, facet: place.facet, contenders: contenders))
        }
        return explanations
      }
    }
  }

  /// Where different values stand beside each other, since nobody who wrote one had seen the others: of conversations outside
  /// of the trash and their messages, and of the settings. O(values that stand), and of each conflict all that was done to its object.
  public func conflicts() throws(AnabranchError) -> [Conflict] {
    try withStore { (store) throws(StoreError) in try store.conflicts() }
  }

  /// A change as it is held. Throws ``AnabranchError/Code/notFound`` where it is not.
  public func change(_ id: ChangeID) throws(AnabranchError) -> ChangeRecord {
    guard let found = try withStore({ (store) throws(StoreError) in try store.changeRecord(id) }) else {
      throw AnabranchError(
        .notFound, "change \(id.sequence) of log \(id.log) is not here",
        remedy: "see `anabranch status` for the logs held")
    }
    return found
  }

  /// Several changes, in the order in which they are asked for. Throws as ``change(_:)`` does. O(their bytes).
  public func changes(_ ids: [ChangeID]) throws(AnabranchError) -> [ChangeRecord] {
    var records: [ChangeRecord] = []
    for id in ids { records.append(try change(id)) }
    return records
  }

  /// The changes of an action, in order.
  public func changes(of action: ActionRecord) throws(AnabranchError) -> [ChangeID] {
    try withStore { (store) throws(StoreError) in try store.changes(ofAction: action.first) }
  }
}
