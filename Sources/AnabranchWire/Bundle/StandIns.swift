public import AnabranchCore

/// What stands in for the contents of a bundled history, so that it merges as it did.
///
/// A text that lay in chunks is dealt out to them evenly. Of imports of one object, the one whose content has the greater hash shows
/// where their source dates them alike; so the salts of stand-ins are drawn until their hashes begin as those of the contents do.
public struct StandIns: Sendable {
  /// A content in place of another one.
  public typealias Filling = (salt: Bytes16, bytes: [UInt8])

  private var fillings: [ChangeID: [UInt32: Filling]] = [:]

  /// Scalars of all texts of a history: more than one holds that anybody replays in memory. A few bytes of a bundle can ask for a text of
  /// ``ContentShape/scalarsMax`` scalars, so the sum is looked at before any of them is made.
  public static let scalarsMax = 1 << 29

  /// The stand-ins for `history`, whose changes `change` gives, without contents, as they are called in the replica; of one that it does
  /// not give there are none.
  ///
  /// Throws ``WireError`` where a shape is of no content, or of one that is longer than its operations hold, and where all texts
  /// together have more than `scalarsMax` scalars. O(bytes of contents).
  public init(
    for history: BundledHistory, scalarsMax: Int = scalarsMax, _ change: (ChangeID) throws(WireError) -> Change?
  ) throws(WireError) {
    var scalars = 0
    var pieces: [OperationID: [UInt8]] = [:]
    var imported: [OperationID: ContentShape] = [:]
    var imports: [ObjectID: Set<Digest>] = [:]
    var rivals: [(name: OperationID, object: ObjectID, hash: Digest)] = []
    for item in history.changes where !item.change.shapes.isEmpty {
      guard let held = try change(item.id) else { continue }
      for shape in item.change.shapes {
        guard held.operations.indices.contains(Int(shape.place)),
          case .absent(let hash) = held.operations[Int(shape.place)].envelope.content
        else {
          throw WireError(
            .invalid, "expected a shape of a content that was taken away, got one of operation \(shape.place)")
        }
        let operation = held.operations[Int(shape.place)]
        var purged: ContentShape.Purged?
        if case .purgePast(let purge) = operation.mutation {
          let whole = try change(purge.operation.change)?.operations.first { $0.index == purge.operation.index }
          purged = whole.map { ContentShape.Purged($0.contentHash, imported[purge.operation], by: purge) }
          scalars += purge.count
        }
        // Each has less than 2³³, and it is looked at after each: this never wraps.
        scalars += shape.shape.scalars
        guard scalars <= scalarsMax else {
          throw WireError(.limit, "expected texts of at most \(scalarsMax) scalars in all, got more")
        }
        let chunks = operation.mutation.chunks.count
        let parts = try Self.parts(of: shape.shape, for: hash, leftOf: purged, chunks: chunks)
        for (chunk, part) in zip(operation.mutation.chunks, parts) { pieces[chunk] = part }
        let name = OperationID(log: item.id.log, sequence: item.id.sequence, index: operation.index)
        fillings[item.id, default: [:]][operation.index] = (hash.head, parts.last ?? [])
        if let object = operation.importedObject {
          imported[name] = shape.shape
          imports[object, default: []].insert(hash)
          rivals.append((name, object, hash))
        }
      }
    }
    for (chunk, bytes) in pieces where fillings[chunk.change]?[chunk.index] != nil {
      fillings[chunk.change]?[chunk.index]?.bytes = bytes
    }
    for rival in rivals where (imports[rival.object]?.count ?? 0) > 1 {
      guard let filling = fillings[rival.name.change]?[rival.name.index] else { continue }
      fillings[rival.name.change]?[rival.name.index]?.salt = Self.salt(for: filling.bytes, like: rival.hash)
    }
  }

  /// What stands in for the contents of a change, by the indices of its operations.
  public func fillings(of change: ChangeID) -> [UInt32: Filling] {
    fillings[change] ?? [:]
  }

  /// A stand-in, cut evenly into the chunks and what the operation itself holds.
  private static func parts(
    of shape: ContentShape, for hash: Digest, leftOf purged: ContentShape.Purged?, chunks: Int
  ) throws(WireError) -> [[UInt8]] {
    let count = chunks + 1
    let room = count * Limits.contentBytesMax
    guard shape.scalars <= room else {
      throw WireError(.limit, "expected a text of at most \(room) scalars in \(count) contents, got \(shape.scalars)")
    }
    let whole = shape.standIn(for: hash, leftOf: purged)
    let length = (whole.count + count - 1) / count
    let parts = (0..<count).map { number in
      let start = min(number * length, whole.count)
      return Array(whole[start..<min(start + length, whole.count)])
    }
    guard length <= Limits.contentBytesMax else {
      throw WireError(.limit, "expected a stand-in of at most \(room) bytes, got \(whole.count)")
    }
    return parts
  }

  /// So many bits of hashes agree.
  private static let bits: UInt64 = 12

  /// A salt with which the hash of `bytes` begins as `hash` does. O(2^bits) hashes.
  private static func salt(for bytes: [UInt8], like hash: Digest) -> Bytes16 {
    var salt = hash.head
    for step in 0..<UInt64(64 << bits) {
      salt = Bytes16(high: hash.head.high, low: hash.head.low &+ step)
      if Hashing.content(salt: salt, bytes: bytes[...]).head.high >> (64 - bits) == hash.head.high >> (64 - bits) {
        break
      }
    }
    return salt
  }
}

extension ContentShape {
  /// How many scalars of text it asks for.
  fileprivate var scalars: Int {
    switch self {
    case .text(let scalars): Int(scalars)
    case .message(let message): Int(message.scalars)
    default: 0
    }
  }
}

extension Operation {
  /// What it tells of for a source, and so what another one may tell of otherwise.
  fileprivate var importedObject: ObjectID? {
    switch mutation {
    case .importConversation: envelope.target
    case .importMessage(let source): .imported(source.message)
    default: nil
    }
  }
}
