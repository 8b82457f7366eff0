internal import AnabranchCore

/// The structure of operations as bytes. `docs/format.md` has the layout of each kind.
extension ReferenceTable {
  /// The canonical structure of `mutation`, made at `time`.
  func structure(of mutation: Mutation, time: HybridTime) -> [UInt8] {
    var writer = ByteWriter(capacity: 16)
    switch mutation {
    case .createConversation(let create):
      writer.write(create.created, relativeTo: time)
    case .createMessage(let create):
      write(create, time: time, to: &writer)
    case .appendText(let append):
      write(append.predecessors, to: &writer)
      writer.write(varint: UInt64(append.position))
      writer.write(varint: UInt64(append.length))
    case .editText(let edit):
      writer.write(varint: UInt64(edit.text.rawValue))
      write(edit.predecessors, to: &writer)
      writer.write(edit.edits)
    case .writeRegister(let write):
      writer.write(varint: UInt64(write.register.rawValue))
      self.write(write.predecessors, to: &writer)
    case .addElement(let add):
      writer.write(varint: UInt64(add.set.rawValue))
    case .removeElement(let remove):
      writer.write(varint: UInt64(remove.set.rawValue))
      write(remove.additions, to: &writer)
    case .importConversation(let source):
      writer.write(optionalTime: source.created, relativeTo: time)
      writer.write(optionalTime: source.updated, relativeTo: time)
      write(source.chunks, to: &writer)
    case .importMessage(let source):
      writer.write(source.message)
      writer.write(optionalTime: source.updated, relativeTo: time)
      write(source.base, time: time, to: &writer)
    case .purge(let purge):
      writer.write(UInt8(purge.isImmediate ? 1 : 0))
    case .receipt(let receipt):
      write(receipt.purges, to: &writer)
    case .markRead(let mark):
      write(mark.messages, to: &writer)
    case .withdraw(let withdraw):
      write(withdraw.operations, to: &writer)
    case .reinstate(let reinstate):
      write(reinstate.withdrawals, to: &writer)
    case .regainText(let regain):
      write(regain, to: &writer)
    case .undo(let undo):
      write(undo.actions, to: &writer)
    case .purgePast(let purge):
      write(purge.operation, to: &writer)
      writer.write(UInt8(purge.isImmediate ? 1 : 0))
      writer.write(count: purge.runs.count)
      for run in purge.runs { writer.write(varint: UInt64(run)) }
      write(purge.chunks, to: &writer)
    case .enrol(let enrol):
      writer.write(enrol)
    case .restrict(let restrict):
      writer.write(restrict)
    case .adopt(let adopt):
      writer.write(adopt)
    case .trash, .restore, .chunk, .unknown:
      break
    }
    return writer.bytes
  }

  /// What `structure` means for an operation of `kind`; nil for a kind that is not known.
  ///
  /// Throws where the kind is known and the bytes are not canonical for it.
  func mutation(
    kind: OperationKind, structure: ArraySlice<UInt8>, time: HybridTime
  ) throws(WireError) -> Mutation? {
    var reader = ByteReader(structure)
    let mutation: Mutation
    switch kind {
    case .createConversation:
      mutation = .createConversation(CreateConversation(created: try reader.time(relativeTo: time)))
    case .createMessage:
      mutation = .createMessage(try readMessage(&reader, time: time))
    case .appendText:
      mutation = .appendText(
        AppendText(
          predecessors: try readOperations(&reader, "predecessors"),
          position: try reader.varint32("a position"), length: try reader.appendedLength()))
    case .editText:
      mutation = .editText(
        EditText(
          text: TextKind(rawValue: try reader.varint32("a text")),
          predecessors: try readOperations(&reader, "predecessors"), edits: try reader.edits()))
    case .writeRegister:
      mutation = .writeRegister(
        WriteRegister(
          register: RegisterKind(rawValue: try reader.varint32("a register")),
          predecessors: try readOperations(&reader, "predecessors")))
    case .addElement:
      mutation = .addElement(AddElement(set: SetKind(rawValue: try reader.varint32("a set"))))
    case .removeElement:
      mutation = .removeElement(
        RemoveElement(
          set: SetKind(rawValue: try reader.varint32("a set")),
          additions: try readOperations(&reader, "additions")))
    case .trash:
      mutation = .trash
    case .restore:
      mutation = .restore
    case .importConversation:
      mutation = .importConversation(
        ImportConversation(
          created: try reader.optionalTime(relativeTo: time), updated: try reader.optionalTime(relativeTo: time),
          chunks: try readOperations(&reader, "chunks")))
    case .importMessage:
      mutation = .importMessage(
        ImportMessage(
          message: try reader.bytes16(), updated: try reader.optionalTime(relativeTo: time),
          base: try readMessage(&reader, time: time)))
    case .chunk:
      mutation = .chunk
    case .purge:
      mutation = .purge(Purge(isImmediate: try reader.flag()))
    case .receipt:
      mutation = .receipt(PurgeReceipt(purges: try readOperations(&reader, "purges")))
    case .purgePast:
      mutation = .purgePast(try readPurgePast(&reader))
    case .markRead:
      mutation = .markRead(MarkRead(messages: try readOperations(&reader, "messages")))
    case .withdraw:
      mutation = .withdraw(Withdraw(operations: try readOperations(&reader, "operations")))
    case .reinstate:
      mutation = .reinstate(Reinstate(withdrawals: try readOperations(&reader, "withdrawals")))
    case .regainText:
      mutation = .regainText(try readRegainText(&reader))
    case .undo:
      mutation = .undo(UndoActions(actions: try readOperations(&reader, "actions")))
    case .enrol:
      mutation = .enrol(try reader.enrol())
    case .restrict:
      mutation = .restrict(try reader.restrict())
    case .adopt:
      mutation = .adopt(try reader.adopt())
    default:
      return nil
    }
    try reader.finish("a structure")
    return mutation
  }

  private func readPurgePast(_ reader: inout ByteReader) throws(WireError) -> PurgePast {
    let operation = try readOperation(&reader)
    let isImmediate = try reader.flag()
    var runs: [Int] = []
    var total: UInt64 = 0
    for index in 0..<(try reader.count(max: Limits.referencesMax, of: "runs", bytesEach: 1)) {
      let start = reader.position
      let run = UInt64(try reader.varint32("a run"))
      total += run
      // Only nothing can stay before what goes first: else runs that touch were written apart.
      guard run > 0 || index == 0, total <= UInt64(UInt32.max) else {
        throw WireError(.nonCanonical, "expected runs of one scalar or more, and less than 2³² in all", offset: start)
      }
      runs.append(Int(run))
    }
    return PurgePast(
      of: operation, runs: runs, isImmediate: isImmediate, chunks: try readOperations(&reader, "chunks"))
  }

  private func write(_ regain: RegainText, to writer: inout ByteWriter) {
    write(regain.operation, to: &writer)
    writer.write(count: regain.origins.count)
    for origin in regain.origins {
      writer.write(UInt8(origin.operation == nil ? 0 : 1))
      if let operation = origin.operation { write(operation, to: &writer) }
      writer.write(varint: UInt64(origin.offset))
      writer.write(varint: UInt64(origin.count))
    }
  }

  private func readRegainText(_ reader: inout ByteReader) throws(WireError) -> RegainText {
    let operation = try readOperation(&reader)
    var origins: [TextOrigin] = []
    for _ in 0..<(try reader.count(max: Limits.referencesMax, of: "origins", bytesEach: 3)) {
      let start = reader.position
      let source = try reader.flag() ? try readOperation(&reader) : nil
      let offset = try reader.varint32("an offset")
      let count = try reader.varint32("a count")
      guard count > 0, UInt64(offset) + UInt64(count) <= UInt64(UInt32.max) else {
        throw WireError(.nonCanonical, "expected one scalar or more, that end before 2³²", offset: start)
      }
      origins.append(TextOrigin(operation: source, offset: Int(offset), count: Int(count)))
    }
    return RegainText(operation: operation, origins: origins)
  }

  private func write(_ message: CreateMessage, time: HybridTime, to writer: inout ByteWriter) {
    writer.write(message.role.rawValue)
    switch message.line {
    case .continued: writer.write(UInt8(0))
    case .started: writer.write(UInt8(1))
    case .named(let line):
      writer.write(UInt8(2))
      write(line, to: &writer)
    }
    writer.write(message.created, relativeTo: time)
    writer.write(count: message.parents.count)
    for parent in message.parents { write(parent, to: &writer) }
    writer.write(varint: UInt64(message.length))
    write(message.chunks, to: &writer)
  }

  private func readMessage(
    _ reader: inout ByteReader, time: HybridTime
  ) throws(WireError) -> CreateMessage {
    let role = Role(rawValue: try reader.byte())
    let start = reader.position
    let line: LinePlacement
    switch try reader.byte() {
    case 0: line = .continued
    case 1: line = .started
    case 2: line = .named(try readObject(&reader))
    case let other: throw WireError(.invalid, "expected a line of 0, 1 or 2, got \(other)", offset: start)
    }
    let created = try reader.time(relativeTo: time)
    var parents: [ObjectID] = []
    for _ in 0..<(try reader.count(max: Limits.referencesMax, of: "parents", bytesEach: 3)) {
      parents.append(try readObject(&reader))
    }
    return CreateMessage(
      parents: parents, line: line, role: role, created: created, length: try reader.varint32("a length"),
      chunks: try readOperations(&reader, "chunks"))
  }
}

extension ByteReader {
  /// How many scalars are added at once: one content, of a byte each at least, also where it is not here.
  fileprivate mutating func appendedLength() throws(WireError) -> UInt32 {
    UInt32(try varint(max: UInt64(Limits.contentBytesMax), "a length"))
  }
}

extension ByteWriter {
  /// A presence byte, then the time as a distance from the change's own.
  fileprivate mutating func write(optionalTime: Int64?, relativeTo time: HybridTime) {
    write(UInt8(optionalTime == nil ? 0 : 1))
    if let optionalTime { write(optionalTime, relativeTo: time) }
  }

  /// Milliseconds since 1970, cut to what the format holds, as a distance from the change's own time.
  mutating func write(_ milliseconds: Int64, relativeTo time: HybridTime) {
    write(zigzag: min(max(milliseconds, 0), Limits.millisecondsMax) - time.milliseconds)
  }
}

extension ByteReader {
  /// Milliseconds since 1970, stored as a distance from the change's own time.
  mutating func time(relativeTo time: HybridTime) throws(WireError) -> Int64 {
    let start = position
    let (sum, overflow) = time.milliseconds.addingReportingOverflow(try zigzag())
    guard !overflow, (0...Limits.millisecondsMax).contains(sum) else {
      throw WireError(.limit, "expected a time from 1970 to 10889", offset: start)
    }
    return sum
  }

  /// One byte: 0 for no, 1 for yes.
  mutating func flag() throws(WireError) -> Bool {
    let start = position
    let byte = try byte()
    guard byte <= 1 else { throw WireError(.invalid, "expected a flag of 0 or 1, got \(byte)", offset: start) }
    return byte == 1
  }

  fileprivate mutating func optionalTime(relativeTo time: HybridTime) throws(WireError) -> Int64? {
    let start = position
    switch try byte() {
    case 0: return nil
    case 1: return try self.time(relativeTo: time)
    case let other: throw WireError(.invalid, "expected a presence byte of 0 or 1, got \(other)", offset: start)
    }
  }
}
