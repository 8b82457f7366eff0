public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A change as it is held, and what can be said of it without reading what it says.
public struct ChangeRecord: Hashable, Sendable {
  /// The change.
  public var change: Change
  /// The device whose log it stands in; nil where that is not known.
  public var device: Digest?
  /// Its hash, in the chain of its log.
  public var hash: Digest
  /// Whether its bytes have that hash, after the change before it; nil where nobody can tell, since that one is not there.
  public var isIntact: Bool?
  /// How many bytes it takes; less than it was written with where something of it was purged.
  public var bytes: Int
  /// The first change from it on whose author's signature is kept, which proves this one too; nil for none.
  public var signedAt: UInt32?
  /// What of it has no effect; nil where all of it counts.
  public var uncounted: Uncounted?
  /// By the index of an operation that counts though its device might not do it, why.
  public var needs: [UInt32: Need]
}

extension Store {
  /// A change; nil where it is not held. Throws ``StoreError/Code/damaged`` where it cannot be read.
  public func changeRecord(_ id: ChangeID) throws(StoreError) -> ChangeRecord? {
    try reading { db in
      guard let key = state.key(of: id), let record = state[id.log], let bytes = try db.changeBytes(key),
        let hash = try state.hash(of: id, in: db)
      else { return nil }
      let context = try state.contextIfKnown(of: id, in: db)
      let unknown = SealedChange.Context(id: state.branches.original(id), previous: .zero)
      let sealed = try SealedChange(held: bytes, context: context ?? unknown)
      let head = ChangeKey(ordinal: key.ordinal, sequence: record.head.sequence)
      let (change, reader) = (try state.named(sealed.change, id, in: db), ContentReader(db, state))
      let needs = try reader.needs(
        of: change.operations.map { OperationID(log: id.log, sequence: id.sequence, index: $0.index) })
      return ChangeRecord(
        change: change, device: state.device(of: id.log), hash: hash,
        isIntact: context == nil ? nil : sealed.hash == hash,
        bytes: bytes.count,
        signedAt: try db.firstCheckpoint(in: key.rawValue...max(key.rawValue, head.rawValue))?.sequence,
        uncounted: try reader.uncounted(at: key),
        needs: Dictionary(needs.map { ($0.key.index, $0.value) }) { first, _ in first })
    }
  }

  /// The changes of the action that begins with `first`, in order. Empty where that is not held.
  public func changes(ofAction first: ChangeID) throws(StoreError) -> [ChangeID] {
    try reading { db in
      guard let key = state.key(of: first), try db.changeBytes(key) != nil else { return [] }
      return try db.changes(ofAction: key, state).map { try state.change(of: $0) }
    }
  }
}
