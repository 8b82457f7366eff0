public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// What is known of another replica.
public struct PeerRecord: Hashable, Sendable {
  /// Its device's public key.
  public var device: Digest
  /// What its person calls it.
  public var name: String
  /// Where it was reached last; nil if it called us.
  public var address: String?
  /// What it has durably, as far as it said.
  public var vector: VersionVector
  /// When it last said something, milliseconds since 1970.
  public var contact: Int64

  /// What is known of `device`.
  public init(device: Digest, name: String, address: String?, vector: VersionVector, contact: Int64) {
    self.device = device
    self.name = name
    self.address = address
    self.vector = vector
    self.contact = contact
  }
}

extension Store {
  /// The replicas this one has met, the one met last first.
  public func peers() throws(StoreError) -> [PeerRecord] {
    try reading { db in
      try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM peer ORDER BY contact DESC, device")).compactMap { row in
        guard let device = try Digest(row.decode(Data.self, forColumn: "device")) else { return nil }
        return PeerRecord(
          device: device, name: String(decoding: try row.decode(Data.self, forColumn: "name"), as: UTF8.self),
          address: try row.decode(Data?.self, forColumn: "address").map {
            String(decoding: $0, as: UTF8.self)
          },
          vector: state.vector(stored: try row.decode(Data.self, forColumn: "vector")),
          contact: try row.decode(forColumn: "contact"))
      }
    }
  }

  /// Keeps what is known of a peer. A vector that says less than the one kept stands for a peer that lost its
  /// history, and replaces it; an address that is nil leaves the one kept.
  public func save(_ peer: PeerRecord) throws(StoreError) {
    try transaction { db, state in
      try db.cachedStatement(
        sql: """
          INSERT INTO peer(device, name, address, vector, contact) VALUES(?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET name = excluded.name, address = coalesce(excluded.address, address),
            vector = excluded.vector, contact = excluded.contact
          """
      ).execute(
        arguments: [
          // A string would end at its first U+0000.
          Data(peer.device.bytes), Data(peer.name.utf8), peer.address.map { Data($0.utf8) },
          state.stored(peer.vector), peer.contact,
        ])
    }
  }

  /// Changes that no other device is known to hold.
  public func changesOnlyHere() throws(StoreError) -> UInt64 {
    var elsewhere = VersionVector()
    for peer in try peers() { elsewhere.merge(peer.vector) }
    return vector.missing(from: elsewhere).reduce(0) { $0 + UInt64($1.sequences.count) }
  }
}

extension Store {
  /// What is known of other devices and cannot be what was kept of them: it would be taken for what they have.
  func peerFaults() throws(StoreError) -> [String] {
    try reading { db in
      try Row.fetchAll(db, sql: "SELECT device, vector FROM peer ORDER BY device").compactMap { row in
        guard let device = Data.fromDatabaseValue(row[0]).flatMap({ Digest($0) }) else {
          return "another device is kept under a key that is none"
        }
        guard !state.isVector(row[1]) else { return nil }
        return "what the device \(device.description.prefix(8)) is known to have cannot be read"
      }
    }
  }
}
