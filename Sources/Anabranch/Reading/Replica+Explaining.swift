public import AnabranchCore
public import AnabranchStore

extension Replica {
  /// All that was done to a facet of a conversation or a message, and what became of each: what shows first, then the last
  /// thing first.
  ///
  /// Empty where nobody did anything to it. Throws ``AnabranchError/Code/purged`` where the object was purged.
  public func contenders(for facet: Facet, of id: ObjectID) throws(AnabranchError) -> [Contender] {
    try checkNotPurged(id)
    return try withStore { (store) throws(StoreError) in try store.contenders(for: facet, of: id) }
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
