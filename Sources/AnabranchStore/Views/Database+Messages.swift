internal import AnabranchCore
internal import GRDB

/// What is asked about the messages of a conversation that show, or of those that were taken back, wherever they lie: see
/// ``MessageTail``.
extension Database {
  /// Of each log the last message in a conversation that shows; none of an imported one. O(logs).
  func lastMessages(of conversation: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    var last: [Int: ObjectKey] = [:]
    for row in try MessageTail.fetch(self, of: conversation)?.rows() ?? [] where row.key >= 0 {
      let ordinal = OperationKey(rawValue: row.key).ordinal
      last[ordinal] = max(last[ordinal] ?? row.key, row.key)
    }
    return try logs.records.indices.compactMap { ordinal in
      let keys = OperationKey.range(ofOrdinal: ordinal)
      let key = try first("SELECT max(key) FROM message WHERE conversation = ? AND key BETWEEN ? AND ?") { values in
        values.add(conversation)
        values.add(keys.lowerBound)
        values.add(keys.upperBound)
      } _: {
        try $0.optionalInteger(0)
      }
      return [key ?? nil, last[ordinal]].compactMap(\.self).max().map(OperationKey.init(rawValue:))
    }
  }

  /// How many messages of a conversation show whose keys are greater than the first and not than the second of one of
  /// `spans`, without those of a role.
  func messageCount(
    of conversation: ObjectKey, in spans: [(after: Int64, last: Int64)], except role: Role? = nil
  ) throws -> Int {
    let newest = try MessageTail.fetch(self, of: conversation)?.rows().filter { $0.role != role } ?? []
    let sql = "SELECT count(*) FROM message WHERE conversation = ? AND key > ? AND key <= ? AND role <> ?"
    return try spans.reduce(0) { count, span in
      let older = try first(sql) { values in
        values.add(conversation)
        values.add(span.after)
        values.add(span.last)
        values.add(role.map { Int64($0.rawValue) } ?? -1)
      } _: {
        try $0.integer(0)
      }
      return count + Int(older ?? 0) + newest.count { span.after < $0.key && $0.key <= span.last }
    }
  }

  /// What a statement returns for the messages of a conversation. `statement` makes it of what it selects from: what stands
  /// for the messages, with one column, their `key`.
  func ofMessages<Result>(
    in conversation: ObjectKey, from table: MessageRow.Table = .message, _ statement: (_ messages: String) -> String,
    _ read: (Columns) throws -> Result
  ) throws -> [Result] {
    var results = try all(statement("(SELECT key FROM \(table.rawValue) WHERE conversation = ?)")) {
      $0.add(conversation)
    } _: {
      try read($0)
    }
    guard table == .message, let newest = try MessageTail.fetch(self, of: conversation)?.rows() else { return results }
    let sql = statement("(SELECT ? AS key)")
    for row in newest {
      results += try all(sql) {
        $0.add(row.key)
      } _: {
        try read($0)
      }
    }
    return results
  }
}
