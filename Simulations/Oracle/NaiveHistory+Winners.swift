public import AnabranchCore

/// Which operations stand once all have been weighed against each other.
extension NaiveHistory {
  /// A register of an object.
  public struct RegisterKey: Hashable, Sendable {
    /// The object.
    public let object: ObjectID
    /// Its register.
    public let register: RegisterKind
  }

  /// A message as it stands in a conversation: the same imported message can stand in two.
  public struct MessageKey: Hashable, Sendable {
    /// The conversation.
    public let conversation: ObjectID
    /// The message.
    public let message: ObjectID
  }

  /// The writes to a register that nobody took back, and that no other such write replaces, by naming them or one that
  /// replaces them; the winner first.
  public func live(_ register: RegisterKind, of object: ObjectID) -> [Applied] {
    let writes = operations.filter { applied in
      guard case .writeRegister(let write) = applied.mutation else { return false }
      return applied.target == object && write.register == register
    }
    let withdrawn = withdrawn(from: object)
    let made = writes.filter { !withdrawn.contains($0.id) }
    let standing = made.filter { candidate in
      !made.contains { other in
        other.id != candidate.id && Self.replaced(by: other, among: writes).contains(candidate.id)
      }
    }
    return standing.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
  }

  /// What a write to a register has seen of it, directly or not.
  private static func replaced(by write: Applied, among writes: [Applied]) -> Set<OperationID> {
    var replaced: Set<OperationID> = []
    var next = [write]
    while let one = next.popLast() {
      guard case .writeRegister(let write) = one.mutation else { continue }
      next += writes.filter { write.predecessors.contains($0.id) && !replaced.contains($0.id) }
      replaced.formUnion(write.predecessors)
    }
    return replaced
  }

  /// The additions to a set that nobody took back and no removal from it names that nobody took back, in ascending order.
  public func live(_ set: SetKind, of object: ObjectID) -> [Applied] {
    let withdrawn = withdrawn(from: object)
    let removed = Set(
      operations.flatMap { applied -> [OperationID] in
        guard case .removeElement(let remove) = applied.mutation, applied.target == object, remove.set == set,
          !withdrawn.contains(applied.id)
        else { return [] }
        return remove.additions
      })
    return operations.filter { applied in
      applied.target == object && applied.mutation == .addElement(AddElement(set: set))
        && !removed.contains(applied.id) && !withdrawn.contains(applied.id)
    }
  }

  /// Every register that somebody wrote.
  public var registers: Set<RegisterKey> {
    Set(
      operations.compactMap { applied in
        guard case .writeRegister(let write) = applied.mutation, let target = applied.target else {
          return nil
        }
        return RegisterKey(object: target, register: write.register)
      })
  }

  /// The import that says what a source says of a conversation: of those that nobody took back, or else of all.
  public func source(of conversation: ObjectID) -> (import: ImportConversation, applied: Applied)? {
    let withdrawn = withdrawn(from: conversation)
    return source(of: conversation) { !withdrawn.contains($0.id) } ?? source(of: conversation) { _ in true }
  }

  private func source(
    of conversation: ObjectID, where isWanted: (Applied) -> Bool
  ) -> (import: ImportConversation, applied: Applied)? {
    var best: (import: ImportConversation, applied: Applied)?
    for applied in operations where applied.target == conversation && isWanted(applied) {
      guard case .importConversation(let source) = applied.mutation else { continue }
      if let present = best,
        !Self.supersedes((source.updated, applied), (present.import.updated, present.applied))
      {
        continue
      }
      best = (source, applied)
    }
    return best
  }

  /// The operation that says what a message is: the one that wrote it, or of several imports the newest; of those that
  /// nobody took back, or else of all.
  public func base(of key: MessageKey) -> (message: CreateMessage, updated: Int64?, applied: Applied)? {
    let withdrawn = withdrawn(from: key.message)
    let all = bases(of: key)
    return best(of: all.filter { !withdrawn.contains($0.id) }, for: key) ?? best(of: all, for: key)
  }

  /// The operations that say what a message is.
  func bases(of key: MessageKey) -> [Applied] {
    operations.filter { applied in
      guard applied.target == key.conversation else { return false }
      switch applied.mutation {
      case .createMessage: return .native(applied.id) == key.message
      case .importMessage(let source): return .imported(source.message) == key.message
      default: return false
      }
    }
  }

  private func best(
    of bases: [Applied], for key: MessageKey
  ) -> (message: CreateMessage, updated: Int64?, applied: Applied)? {
    var best: (message: CreateMessage, updated: Int64?, applied: Applied)?
    for applied in bases {
      switch applied.mutation {
      case .createMessage(let message) where .native(applied.id) == key.message:
        return (message, nil, applied)
      case .importMessage(let source) where .imported(source.message) == key.message:
        if let present = best,
          !Self.supersedes((source.updated, applied), (present.updated, present.applied))
        {
          continue
        }
        best = (source.base, source.updated, applied)
      default:
        continue
      }
    }
    return best
  }

  /// Between imports: the source's own time of change, then the hash of the content, then the operation.
  private static func supersedes(_ a: (updated: Int64?, Applied), _ b: (updated: Int64?, Applied)) -> Bool {
    func rank(_ one: (updated: Int64?, Applied)) -> (Int64, Digest, OperationID) {
      (one.updated ?? -1, one.1.operation.contentHash, one.1.id)
    }
    return rank(a) > rank(b)
  }

  /// Every message, in every conversation it stands in.
  public var messageKeys: Set<MessageKey> {
    Set(
      operations.compactMap { applied in
        guard let target = applied.target else { return nil }
        switch applied.mutation {
        case .createMessage:
          return MessageKey(conversation: target, message: .native(applied.id))
        case .importMessage(let source):
          return MessageKey(conversation: target, message: .imported(source.message))
        default:
          return nil
        }
      })
  }

  /// The conversations that somebody started or imported.
  public var listed: Set<ObjectID> {
    Set(
      operations.compactMap { applied in
        switch applied.mutation {
        case .createConversation: .native(applied.id)
        case .importConversation: applied.target
        default: nil
        }
      })
  }
}
