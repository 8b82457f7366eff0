public import AnabranchCore
internal import AnabranchWire
internal import GRDB
internal import Synchronization

/// Changes of a damaged database that cannot be read, or are not what they were, and are passed over where contents are shown: as if what
/// they say were not on this device.
public final class UnreadableChanges: Sendable {
  private let met = Mutex<Set<ChangeID>>([])

  /// None yet.
  public init() {}

  /// Those that were met so far, in ascending order.
  public var changes: [ChangeID] {
    met.withLock { $0.sorted() }
  }

  func insert(_ change: ChangeID) {
    met.withLock { _ = $0.insert(change) }
  }

  func contains(_ change: ChangeID) -> Bool {
    met.withLock { $0.contains(change) }
  }
}

extension LogState {
  /// What `body` reads of the change at `key`; nil where that cannot be read, and is passed over.
  func passingOver<Result>(_ key: ChangeKey, _ body: () throws -> Result?) throws -> Result? {
    do {
      return try body()
    } catch {
      guard let unreadable, Self.isOfDamage(error) else { throw error }
      unreadable.insert(try change(of: key))
      return nil
    }
  }

  /// Whether an error says that a row is not what was written. That there is no such table is no fault of one change.
  private static func isOfDamage(_ error: any Error) -> Bool {
    switch error {
    case let error as StoreError: error.code == .damaged
    case let error as DatabaseError: error.resultCode.primaryResultCode == .SQLITE_CORRUPT
    default: error is WireError || error is RowDecodingError
    }
  }

  /// Throws where a held change, whose bytes are `bytes`, is not what it was; nobody can tell where the one before it cannot be read.
  func checkHash(of change: ChangeID, held bytes: [UInt8], in db: Database) throws {
    guard (try? contextIfKnown(of: change, in: db)) ?? nil != nil else { return }
    guard try isIntact(change, held: bytes, in: db) else {
      throw StoreError(
        .damaged, "change \(change.sequence) of log \(change.log) does not have the hash that is kept of it",
        remedy: "see `anabranch inspect check`")
    }
  }
}

extension Store {
  /// Passes over changes that cannot be read, or are not what they were, from now on, and notes them in `unreadable`. Only of a store that was
  /// opened for reading.
  ///
  /// Where contents are shown, what such a change wrote has none then, and what it did counts as the views have it. What weighs
  /// operations, such as why something is as it is, or lists what was done, goes on to throw: it would be wrong without one of them.
  public func passOver(_ unreadable: UnreadableChanges) throws(StoreError) {
    guard access == .read else {
      throw StoreError(.io, "\(path) is open for writing, and nothing of it is passed over")
    }
    state.unreadable = unreadable
  }
}
