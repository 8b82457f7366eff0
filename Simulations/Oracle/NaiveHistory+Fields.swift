public import AnabranchCore
internal import AnabranchWire

/// What people keep under names of their own, and how far they have read.
extension NaiveHistory {
  /// The values of an object's fields, by the bytes of their names: of the writes under one that stand, the winner's.
  public func fields(of object: ObjectID) -> [[UInt8]: String] {
    var fields: [[UInt8]: String] = [:]
    var decided: Set<[UInt8]> = []
    for write in live(.fields, of: object) {
      guard let content = write.bytes.flatMap({ FieldContent(canonicalBytes: $0) }),
        decided.insert(Array(content.name.utf8)).inserted
      else { continue }
      fields[Array(content.name.utf8)] = content.value
    }
    return fields
  }

  /// Under how many names different values stand.
  public func conflictingFields(of object: ObjectID) -> Int {
    var values: [[UInt8]: Set<[UInt8]>] = [:]
    for write in live(.fields, of: object) {
      guard let bytes = write.bytes, let content = FieldContent(canonicalBytes: bytes) else { continue }
      values[Array(content.name.utf8), default: []].insert(Array(bytes))
    }
    return values.values.count { $0.count > 1 }
  }

  /// Of each log, the last message that somebody has read in a conversation.
  public func lastRead(in conversation: ObjectID) -> Set<OperationID> {
    let read = operations.flatMap { applied -> [OperationID] in
      guard case .markRead(let mark) = applied.mutation, applied.target == conversation else { return [] }
      return mark.messages
    }
    return Set(Self.lastOfEachLog(read))
  }

  /// How many messages nobody has read, of others than a person and the log `own`; nil where nobody said how far.
  public func unread(in conversation: ObjectID, by own: LogID?) -> Int? {
    let read = lastRead(in: conversation)
    guard !read.isEmpty else { return nil }
    let hidden = hiddenMessages(of: conversation)
    return operations.count { applied in
      guard case .createMessage(let message) = applied.mutation, applied.target == conversation else { return false }
      return message.role != .user && applied.id.log != own && !hidden.contains(.native(applied.id))
        && !read.contains { $0.log == applied.id.log && applied.id <= $0 }
    }
  }
}
