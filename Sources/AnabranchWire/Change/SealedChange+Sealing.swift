public import AnabranchCore

extension SealedChange {
  /// Gives `open` its canonical bytes and its hash.
  ///
  /// What the format cannot hold, a time before 1970 say, is cut in the change as it is in the bytes: what is sealed
  /// is what everybody else will read.
  /// `dependencies` are as ``Change/dependencies`` has them, in any order, and reach every reference of `open`;
  /// `context.id` is the open change's. O(bytes).
  public init(sealing open: OpenChange, context: Context, dependencies: [Dependency]) {
    let dependencies = dependencies.sorted { $0.change < $1.change }
    var table = ReferenceTable(change: context.id, dependencies: dependencies)

    var writer = ByteWriter(capacity: open.bytes + 64)
    writer.writeHeader(
      time: open.time, wall: open.wall, actionDistance: context.id.sequence &- open.action,
      dependencies: dependencies)
    let header = writer.bytes.count
    writer.write(count: open.drafts.count)

    var operations: [Operation] = []
    var leaves: [Digest] = []
    var index: UInt32 = 0
    for place in open.drafts.indices {
      table.index = index
      let envelope = Envelope(open.drafts[place], table: table, time: open.time)
      let (leaf, contentHash) = writer.write(envelope, table: table)
      leaves.append(leaf)
      operations.append(
        Operation(
          index: index, envelope: envelope,
          mutation: (try? table.mutation(kind: envelope.kind, structure: envelope.structure, time: open.time))
            ?? .unknown,
          contentHash: contentHash))
      index += envelope.span
    }

    self.init(
      change: Change(
        id: context.id, time: open.time, wall: open.wall, action: open.action, dependencies: dependencies,
        operations: operations),
      hash: Self.hash(context, header: writer.bytes[..<header], leaves: leaves), bytes: writer.bytes)
  }

  /// The same change without the contents that `isRedacted` names by their operation's index; hash and chain stay.
  public func redacted(_ isRedacted: (UInt32) -> Bool) -> SealedChange {
    var change = change
    for index in change.operations.indices where isRedacted(change.operations[index].index) {
      let operation = change.operations[index]
      change.operations[index].envelope = operation.envelope.redacted(hash: operation.contentHash)
    }
    return rewritten(as: change)
  }

  /// `change`, which differs in its contents alone, under the same hash.
  func rewritten(as change: Change) -> SealedChange {
    var reader = ByteReader(bytes)
    guard let header = try? ChangeHeader(&reader, context: change.id) else { return self }
    var writer = ByteWriter(capacity: bytes.count)
    writer.write(reader.bytes(since: 0))
    writer.write(count: change.operations.count)
    for operation in change.operations { _ = writer.write(operation.envelope, table: header.table) }
    return SealedChange(change: change, hash: hash, bytes: writer.bytes)
  }
}

extension ByteWriter {
  fileprivate mutating func writeHeader(
    time: HybridTime, wall: Int64, actionDistance: UInt32, dependencies: [Dependency]
  ) {
    write(SealedChange.version)
    write(fixed: time.rawValue)
    write(wall, relativeTo: time)
    write(varint: UInt64(actionDistance))
    write(count: dependencies.count)
    for dependency in dependencies {
      write(dependency.change.log.bytes)
      write(varint: UInt64(dependency.change.sequence))
      write(dependency.hash)
    }
  }

  /// Writes `envelope` and returns its leaf and the hash of its content, zero where it never had any.
  mutating func write(_ envelope: Envelope, table: ReferenceTable) -> (leaf: Digest, content: Digest) {
    let start = bytes.count
    write(varint: UInt64(envelope.kind.rawValue))
    if let target = envelope.target {
      write(UInt8(1))
      table.write(target, to: &self)
    } else {
      write(UInt8(0))
    }
    write(varint: UInt64(envelope.span))
    write(counted: envelope.structure)
    let structure = bytes[start...]
    switch envelope.content {
    case .none:
      let leaf = Envelope.leaf(structure, content: nil)
      write(Envelope.ContentTag.none)
      return (leaf, .zero)
    case .present(let salt, let content):
      let hash = Hashing.content(salt: salt, bytes: content)
      let leaf = Envelope.leaf(structure, content: hash)
      write(Envelope.ContentTag.present)
      write(salt)
      write(counted: content)
      return (leaf, hash)
    case .absent(let hash):
      let leaf = Envelope.leaf(structure, content: hash)
      write(Envelope.ContentTag.absent)
      write(hash)
      return (leaf, hash)
    }
  }
}
