public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// A change as it lies in the log.
  public struct StoredChange: Hashable, Sendable {
    /// Its name.
    public var id: ChangeID
    /// Its canonical bytes.
    public var bytes: [UInt8]
  }

  /// The next changes that a replica which holds `known` lacks, each after all it depends on.
  ///
  /// As many as fit into `bytesMax`, but at least one if any is missing; none beyond `limit`, by default all that is
  /// held. The second result is what the replica holds once it has them. O(changes returned + logs).
  public func changes(
    missingFrom known: VersionVector, upTo limit: VersionVector? = nil, bytesMax: Int
  ) throws(StoreError) -> (changes: [StoredChange], position: VersionVector) {
    let held = limit ?? state.vector
    guard !known.includes(held) else { return ([], known) }
    return try reading { db in
      var read: [ChangeID: [UInt8]] = [:]
      func bytes(of change: ChangeID) throws -> [UInt8] {
        if let bytes = read[change] { return bytes }
        guard let key = state.key(of: change), let bytes = try db.changeBytes(key) else {
          throw StoreError(
            .damaged, "change \(change.sequence) of log \(change.log) is missing from \(path)",
            remedy: "run `anabranch verify`")
        }
        read[change] = bytes
        return bytes
      }

      // What the disk has altered must not be passed on: the receiver, who has no other hash, would take it for true.
      func check(_ id: ChangeID, _ bytes: [UInt8]) throws {
        let previous =
          try id.sequence == 1
          ? state[id.log]?.header.foundingHash
          : state.hash(of: ChangeID(log: id.log, sequence: id.sequence - 1), in: db)
        let context = SealedChange.Context(id: id, previous: previous ?? .zero)
        guard let sealed = try? SealedChange(bytes: bytes, context: context),
          try sealed.hash == state.hash(of: id, in: db)
        else {
          throw StoreError(
            .damaged, "change \(id.sequence) of log \(id.log) does not have the hash that is kept of it",
            remedy: "run `anabranch verify`, then sync a new replica from another device")
        }
      }

      var order = CausalOrder(held: held, known: known)
      var changes: [StoredChange] = []
      var (total, position) = (0, known)
      while total < bytesMax || changes.isEmpty {
        let next = try order.next { change in
          try ChangeHeader(ofHeld: change, in: bytes(of: change)).dependencies.map(\.change)
        }
        guard let id = next else { break }
        let bytes = try bytes(of: id)
        guard changes.isEmpty || total + bytes.count <= bytesMax else { break }
        read[id] = nil
        try check(id, bytes)
        changes.append(StoredChange(id: id, bytes: bytes))
        total += bytes.count
        position = order.position
      }
      return (changes, position)
    }
  }
}
