public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

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
      let statement = try db.cachedStatement(sql: "SELECT bytes FROM change WHERE id = ?")
      var read: [ChangeID: [UInt8]] = [:]
      func bytes(of change: ChangeID) throws -> [UInt8] {
        if let bytes = read[change] { return bytes }
        guard let key = state.key(of: change),
          let data = try Data.fetchOne(statement, arguments: [key.rawValue])
        else {
          throw StoreError(
            .damaged, "change \(change.sequence) of log \(change.log) is missing from \(path)",
            remedy: "run `anabranch verify`")
        }
        let bytes = Array(data)
        read[change] = bytes
        return bytes
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
        changes.append(StoredChange(id: id, bytes: bytes))
        total += bytes.count
        position = order.position
      }
      return (changes, position)
    }
  }
}
