public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What a change wrote values of, and the messages that it wrote, took back or purged, in its order, each once: what
  /// ``contenders(for:of:)`` can say more of. Of what was purged, that it was.
  ///
  /// Empty where the change is not held. O(its operations).
  public func facets(writtenBy id: ChangeID) throws(StoreError) -> [(object: ObjectID, facet: Facet)] {
    try reading { db in
      let reader = ContentReader(db, state)
      guard let key = state.key(of: id), let change = try reader.change(key) else { return [] }
      var facets: [(object: ObjectID, facet: Facet)] = []
      var named: [ObjectID: Set<Facet>] = [:]
      for operation in change.operations {
        let held = HeldOperation(
          id: OperationID(log: id.log, sequence: id.sequence, index: operation.index), operation: operation,
          change: change)
        guard let (object, facet) = try reader.facet(writtenBy: held), named[object, default: []].insert(facet).inserted
        else { continue }
        facets.append((object, facet))
      }
      return facets
    }
  }
}

extension ContentReader {
  /// What an operation is about, and of which object; nil where it is nothing that people look up.
  fileprivate func facet(writtenBy held: HeldOperation) throws -> (object: ObjectID, facet: Facet)? {
    switch held.operation.mutation {
    case .createMessage: return (.native(held.id), .message)
    case .importMessage(let message): return (.imported(message.message), .message)
    case .createConversation: return try purge(of: .native(held.id))
    default:
      guard let object = held.operation.envelope.target else { return nil }
      return try purge(of: object) ?? value(held).map { (object, $0) }
    }
  }

  /// What tells who purged an object, or what holds it; nil where nobody did.
  private func purge(of object: ObjectID) throws -> (object: ObjectID, facet: Facet)? {
    guard let key = try db.key(of: object, logs), try isPurged(textsOf: key) else { return nil }
    return (object, try db.kind(of: key, logs) == .conversation ? .purge : .message)
  }

  /// What of its target an operation is about.
  private func value(_ held: HeldOperation) throws -> Facet? {
    switch held.operation.mutation {
    case .writeRegister(let write):
      switch write.register {
      case .title: return .title
      case .model: return .model
      case .archived: return .archived
      case .pinned: return .pinned
      case .fields:
        return try content(of: held).flatMap { FieldContent(canonicalBytes: $0) }.map { .field($0.name) }
      default: return nil
      }
    case .addElement(let add): return try element(held, of: add.set)
    case .removeElement(let remove):
      // What is removed is named by what added it.
      return try remove.additions.first.flatMap { logs.key(of: $0) }.flatMap { try operation($0) }.flatMap {
        try element($0, of: remove.set)
      }
    case .trash, .restore: return .trash
    case .importConversation: return .title
    // Of a conversation, of which nobody asks whether it shows, nothing is found.
    case .withdraw, .reinstate: return .message
    default: return nil
    }
  }

  private func element(_ addition: HeldOperation, of set: SetKind) throws -> Facet? {
    guard set == .tags || set == .folders, let word = try content(of: addition).flatMap({ String(utf8: $0) }) else {
      return nil
    }
    return set == .tags ? .tag(word) : .folder(word)
  }
}
