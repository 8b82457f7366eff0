public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Different values that stand beside each other, since nobody who wrote one had seen the others.
public struct Conflict: Hashable, Sendable {
  /// The conversation or the message that has them, or what stands for the settings of all devices.
  public var object: ObjectID
  /// What they are values of.
  public var facet: Facet
  /// The conversation it is, or lies in; nil for a setting.
  public var conversation: ConversationSummary?
  /// The values, the one that shows first.
  public var contenders: [Contender]
}

extension Store {
  /// Where different values stand beside each other, in the order in which this replica got to know the objects.
  ///
  /// Of conversations outside of the trash and their messages, and of the settings. What devices are called is not among
  /// it. O(writes that stand), and of each conflict all that was done to its object.
  public func conflicts() throws(StoreError) -> [Conflict] {
    try reading { db in
      let reader = ContentReader(db, state)
      let sql = """
        SELECT object, register FROM register GROUP BY object, register HAVING count(*) > 1 ORDER BY object, register
        """
      let places = try db.all(sql) { _ in
      } _: {
        (object: try $0.integer(0), register: RegisterKind(rawValue: UInt32(truncatingIfNeeded: try $0.integer(1))))
      }
      return try places.flatMap { try reader.explainedConflicts(in: $0.register, of: $0.object) }
    }
  }
}

extension ContentReader {
  fileprivate func explainedConflicts(in register: RegisterKind, of object: ObjectKey) throws -> [Conflict] {
    guard try conflicts(in: register, on: object) > 0 else { return [] }
    let id = try ObjectID(key: object, logs: logs, db)
    var conversation: ConversationSummary?
    if id != .settings {
      guard let row = try holder(of: object), row.exists, row.trashed != true, try !isPurged(textsOf: object) else {
        return []
      }
      conversation = try summary(row)
    }
    let facets: [Facet] =
      switch register {
      case .title: [.title]
      case .model: [.model]
      case .archived: [.archived]
      case .pinned: [.pinned]
      case .fields: try fields(on: object).filter(\.isContested).map { .field($0.name) }
      default: []
      }
    return try facets.compactMap { facet in
      let standing = try contenders(forRegister: facet, of: object).filter(\.fate.isLive)
      guard Set(standing.map(\.value)).count > 1 else { return nil }
      return Conflict(object: id, facet: facet, conversation: conversation, contenders: standing.inOrder())
    }
  }

  /// The conversation that an object is, or in which a message shows.
  private func holder(of object: ObjectKey) throws -> ConversationRow? {
    // What was written of a message has a row of this kind, too, and is no conversation.
    if let row = try ConversationRow.fetch(db, key: object), row.exists { return row }
    return try place(ofMessage: object).flatMap { try ConversationRow.fetch(db, key: $0.conversation) }
  }
}
