public import AnabranchCore

extension SealedChange {
  /// Reads a change from its canonical bytes and computes its hash.
  ///
  /// Refuses bytes that are not canonical, or beyond a limit. An operation whose kind, or whose structure, this
  /// version does not understand is kept as ``Mutation/unknown``: it is stored and relayed, and has no effect.
  /// O(bytes).
  public init(bytes: [UInt8], context: Context) throws(WireError) {
    var reader = ByteReader(bytes)
    var leaves: [Digest] = []
    let (change, header) = try reader.change(context.id) { prefix, content in
      leaves.append(Envelope.leaf(prefix, content: content))
    }
    self.init(change: change, hash: Self.hash(context, header: header, leaves: leaves), bytes: bytes)
  }
}

extension Change {
  /// Reads change `id` from its canonical bytes, as ``SealedChange/init(bytes:context:)`` does where its hash is known, or not asked
  /// for: it hashes contents only. O(bytes).
  public init(_ id: ChangeID, bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    self = try reader.change(id) { _, _ in }.change
  }
}

extension ByteReader {
  /// Change `id`, which is all that is read, and the bytes of its header. `body` is given each operation's envelope up to the structure,
  /// and the hash of its content: what its leaf is made of.
  fileprivate mutating func change(
    _ id: ChangeID, body: (_ prefix: ArraySlice<UInt8>, _ content: Digest?) -> Void
  ) throws(WireError) -> (change: Change, header: ArraySlice<UInt8>) {
    guard remaining <= Limits.changeBytesMax else {
      throw WireError(.limit, "expected a change of at most \(Limits.changeBytesMax) bytes, got \(remaining)")
    }
    let header = try ChangeHeader(&self, context: id)
    let headerBytes = bytes(since: 0)

    let count = try count(max: Limits.operationsMax, of: "operations", bytesEach: 5)
    guard count > 0 else {
      throw WireError(.invalid, "expected at least one operation", offset: position)
    }
    var table = header.table
    var operations: [Operation] = []
    operations.reserveCapacity(count)
    var index: UInt32 = 0
    for _ in 0..<count {
      table.index = index
      let (operation, prefix, content) = try operation(table: table, time: header.time)
      body(prefix, content)
      operations.append(operation)
      index += operation.envelope.span
      guard index <= Limits.identifiersMax else {
        throw WireError(.limit, "expected at most \(Limits.identifiersMax) identifiers", offset: position)
      }
    }
    try finish("a change")
    let change = Change(
      id: id, time: header.time, wall: header.wall, action: header.action, dependencies: header.dependencies,
      operations: operations)
    return (change, headerBytes)
  }

  /// The operation at `table.index`, its envelope's bytes up to the structure, and the hash of its content; nil where it has none.
  mutating func operation(
    table: ReferenceTable, time: HybridTime
  ) throws(WireError) -> (Operation, prefix: ArraySlice<UInt8>, content: Digest?) {
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
    return (operation, prefix, hash)
  }
}
