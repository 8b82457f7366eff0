internal import AnabranchCore

extension SealedChange {
  /// Reads a change from its canonical bytes and computes its hash.
  ///
  /// Refuses bytes that are not canonical, or beyond a limit. An operation whose kind, or whose structure, this
  /// version does not understand is kept as ``Mutation/unknown``: it is stored and relayed, and has no effect.
  /// O(bytes).
  public init(bytes: [UInt8], context: Context) throws(WireError) {
    guard bytes.count <= Limits.changeBytesMax else {
      throw WireError(.limit, "expected a change of at most \(Limits.changeBytesMax) bytes, got \(bytes.count)")
    }
    var reader = ByteReader(bytes)
    let header = try ChangeHeader(&reader, context: context.id)
    let headerBytes = reader.bytes(since: 0)

    let count = try reader.count(max: Limits.operationsMax, of: "operations", bytesEach: 5)
    guard count > 0 else {
      throw WireError(.invalid, "expected at least one operation", offset: reader.position)
    }
    var table = header.table
    var operations: [Operation] = []
    operations.reserveCapacity(count)
    var leaves: [Digest] = []
    var index: UInt32 = 0
    for _ in 0..<count {
      table.index = index
      let (operation, leaf) = try reader.operation(table: table, time: header.time)
      leaves.append(leaf)
      operations.append(operation)
      index += operation.envelope.span
      guard index <= Limits.identifiersMax else {
        throw WireError(.limit, "expected at most \(Limits.identifiersMax) identifiers", offset: reader.position)
      }
    }
    try reader.finish("a change")
    self.init(
      change: Change(
        id: context.id, time: header.time, wall: header.wall, action: header.action,
        dependencies: header.dependencies, operations: operations),
      hash: Self.hash(context, header: headerBytes, leaves: leaves), bytes: bytes)
  }
}

extension ByteReader {
  /// The operation at `table.index`, and its leaf in the change's tree.
  mutating func operation(
    table: ReferenceTable, time: HybridTime
  ) throws(WireError) -> (Operation, leaf: Digest) {
    let start = position
    let kind = OperationKind(rawValue: try varint32("a kind"))
    let target: ObjectID?
    switch try byte() {
    case 0: target = nil
    case 1: target = try table.readObject(&self)
    case let other: throw WireError(.invalid, "expected a presence byte of 0 or 1, got \(other)", offset: start)
    }
    let span = UInt32(try varint(max: UInt64(Limits.identifiersMax), "a span"))
    guard span > 0 else { throw WireError(.invalid, "expected a span of 1 or more", offset: start) }
    let structure = try counted(max: Limits.changeBytesMax, "a structure")
    let prefix = bytes(since: start)

    let content: Content
    let hash: Digest?
    switch try byte() {
    case Envelope.ContentTag.none:
      (content, hash) = (.none, nil)
    case Envelope.ContentTag.present:
      let salt = try bytes16()
      let bytes = try counted(max: Limits.contentBytesMax, "a content")
      (content, hash) = (.present(salt: salt, bytes: bytes), Hashing.content(salt: salt, bytes: bytes))
    case Envelope.ContentTag.absent:
      let digest = try digest()
      (content, hash) = (.absent(hash: digest), digest)
    case let other:
      throw WireError(.invalid, "expected a content of 0, 1 or 2, got \(other)", offset: start)
    }
    // A structure that cannot be read is no reason to refuse the change: the next version may read it.
    let mutation = try? table.mutation(kind: kind, structure: structure, time: time)
    let operation = Operation(
      index: table.index,
      envelope: Envelope(kind: kind, target: target, span: span, structure: structure, content: content),
      mutation: mutation ?? .unknown, contentHash: hash ?? .zero)
    return (operation, Envelope.leaf(prefix, content: hash))
  }
}
