public import AnabranchCore
internal import AnabranchWire
internal import GRDB
internal import Synchronization

/// Changes of a damaged database that cannot be read, or are not what they were, and are passed over where they are met: as if what they say had no content.
public final class LostChanges: Sendable {
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
  /// What `body` reads of a change; nil where that cannot be read, and is passed over.
  func passingOver<Result>(_ change: ChangeID, _ body: () throws -> Result?) throws -> Result? {
    do {
      return try body()
    } catch {
      guard let lost, StoreError(error, path: "").code == .damaged else { throw error }
      lost.insert(change)
      return nil
    }
  }
}

extension LogState {
  /// Throws where a held change, whose bytes are `bytes`, is not what it was; nobody can tell where the one before it cannot be read.
  func checkHash(of change: ChangeID, at key: ChangeKey, held bytes: [UInt8], in db: Database) throws {
    guard let context = try? context(of: change, in: db) else { return }
    guard try SealedChange(held: bytes, context: context).hash == db.changeHash(key) else {
      throw StoreError(
        .damaged, "change \(change.sequence) of log \(change.log) does not have the hash that is kept of it",
        remedy: "see `anabranch inspect check`")
    }
  }
}

extension Store {
  /// Passes over changes that cannot be read, or are not what they were, from now on, and notes them in `lost`. Only of a store that was opened for reading.
  ///
  /// What such a change wrote has no content then, and what it did counts as the views have it. What reads the log itself, and not what
  /// the views refer to, goes on to throw.
  public func passOver(_ lost: LostChanges) throws(StoreError) {
    guard access == .read else {
      throw StoreError(.io, "\(path) is open for writing, and nothing of it is passed over")
    }
    state.lost = lost
  }
}
