public import AnabranchCore
internal import AnabranchWire
internal import struct Foundation.Data
internal import GRDB

extension Store {
  /// Consecutive changes of one log, as a peer sent them.
  public struct ReceivedRun: Sendable {
    /// The log.
    public var log: LogID
    /// The sequence of the first.
    public var first: UInt32
    /// Their canonical bytes.
    public var changes: [[UInt8]]

    /// `changes` of `log` from sequence `first` on.
    public init(log: LogID, first: UInt32, changes: [[UInt8]]) {
      self.log = log
      self.first = first
      self.changes = changes
    }
  }

  /// What a batch brought.
  public struct Receipt: Hashable, Sendable {
    /// Changes that are new here.
    public var applied = 0
    /// Changes that were held already.
    public var duplicates = 0
    /// The conversations that changed, in no particular order.
    public var conversations: Set<ObjectID> = []
    /// Logs whose author's clock is further ahead than is believed.
    public var clocksAhead: Set<LogID> = []
  }

  /// Makes known what some logs are founded on.
  public func register(_ headers: [LogHeader]) throws(StoreError) {
    guard headers.contains(where: { state[$0.log]?.header == nil }) else { return }
    try transaction { db, state in
      for header in headers { _ = try state.register(header, in: db) }
    }
  }

  /// Takes over changes of other logs: all, durable when this returns, or none.
  ///
  /// Each must follow what is held of its log, and what it depends on must be held under the hash it names; else
  /// ``StoreError/Code/refused`` is thrown. Changes that are held already are passed over.
  public func receive(_ runs: [ReceivedRun], wall: Int64) throws(StoreError) -> Receipt {
    try transaction { db, state in
      let views = ViewWriter(db)
      var receipt = Receipt()
      for run in runs {
        guard let header = state[run.log]?.header, header.log == run.log else {
          throw StoreError(.refused, "expected the header of log \(run.log) before its changes")
        }
        for (offset, bytes) in run.changes.enumerated() {
          let sequence = UInt64(run.first) + UInt64(offset)
          try receive(bytes, log: run.log, sequence: sequence, &state, views, db, wall: wall, &receipt)
        }
      }
      receipt.conversations = try views.finish(logs: &state)
      if receipt.applied > 0 { try state.saveFrontier(db) }
      return receipt
    }
  }

  private func receive(
    _ bytes: [UInt8], log: LogID, sequence: UInt64, _ state: inout LogState, _ views: ViewWriter, _ db: Database,
    wall: Int64, _ receipt: inout Receipt
  ) throws {
    guard let head = state[log]?.head, let context = SealedChange.Context(after: head, in: log) else {
      throw StoreError(.refused, "expected changes of a log that is not full")
    }
    guard sequence > UInt64(head.sequence) else {
      receipt.duplicates += 1
      return
    }
    guard sequence == UInt64(context.id.sequence) else {
      throw StoreError(
        .refused, "expected change \(context.id.sequence) of log \(log), got change \(sequence)")
    }
    let sealed: SealedChange
    do {
      sealed = try SealedChange(bytes: bytes, context: context)
    } catch {
      throw StoreError(
        .refused, "change \(sequence) of log \(log) is not readable: \(error.message)", cause: error)
    }
    for dependency in sealed.change.dependencies {
      guard let hash = try state.hash(of: dependency.change, in: db) else {
        throw StoreError(
          .refused,
          "change \(sequence) of log \(log) depends on change \(dependency.change.sequence) of log "
            + "\(dependency.change.log), which is not held")
      }
      guard hash.head == dependency.hash else {
        throw StoreError(
          .refused,
          "change \(sequence) of log \(log) depends on another change \(dependency.change.sequence) of log "
            + "\(dependency.change.log) than the one held: that log was written by two replicas at once")
      }
    }
    if sealed.change.time.milliseconds - wall > HybridClock.driftMsMax { receipt.clocksAhead.insert(log) }
    try state.store(sealed, wall: wall, views: views, in: db)
    receipt.applied += 1
  }
}
