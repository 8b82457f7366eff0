public import AnabranchCore

extension Draft {
  /// The draft by itself, as an open change is stored: the logs it refers to, then its envelope.
  ///
  /// `id` and `time` are the open change's.
  public func canonicalBytes(id: ChangeID, time: HybridTime) -> [UInt8] {
    var others: Set<LogID> = []
    forEachReference { if $0.log != id.log { others.insert($0.log) } }
    let logs = others.sorted()
    let table = ReferenceTable(change: id, draftsLogs: logs)
    var writer = ByteWriter()
    writer.write(count: logs.count)
    for log in logs { writer.write(log.bytes) }
    _ = writer.write(Envelope(self, table: table, time: time), table: table)
    return writer.bytes
  }

  /// Reads a draft that ``canonicalBytes(id:time:)`` wrote for the same open change.
  public init(canonicalBytes: [UInt8], id: ChangeID, time: HybridTime) throws(WireError) {
    var reader = ByteReader(canonicalBytes)
    var logs: [LogID] = []
    for _ in 0..<(try reader.count(max: Limits.logsMax, of: "logs", bytesEach: Bytes16.count)) {
      logs.append(LogID(try reader.bytes16()))
    }
    let table = ReferenceTable(change: id, draftsLogs: logs)
    let (operation, _, _) = try reader.operation(table: table, time: time)
    try reader.finish("a draft")
    self.init(
      kind: operation.envelope.kind, target: operation.envelope.target, mutation: operation.mutation,
      content: operation.envelope.content)
  }
}

extension ReferenceTable {
  /// The table of a draft, which has no dependencies yet.
  fileprivate init(change: ChangeID, draftsLogs logs: [LogID]) {
    self.init(change: change, entries: logs.map { Entry(log: $0, last: .max) })
  }
}

extension Envelope {
  /// The stored form of `draft` in a change with `table`, made at `time`.
  init(_ draft: Draft, table: ReferenceTable, time: HybridTime) {
    self.init(
      kind: draft.kind, target: draft.target, span: draft.span,
      structure: table.structure(of: draft.mutation, time: time)[...], content: draft.content)
  }
}
