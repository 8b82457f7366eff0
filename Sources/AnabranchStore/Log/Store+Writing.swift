public import AnabranchCore
internal import AnabranchWire
internal import struct Foundation.Data
internal import GRDB

extension Store {
  /// Makes `drafts` one sealed change of this replica's log, durable when this returns.
  ///
  /// `wall` is the wall clock's reading in milliseconds since 1970; `continues` is the action the change belongs to
  /// if it is not the first of its action. An open change is sealed first. Returns the operations' names, in order.
  /// Throws ``StoreError``, and then nothing was written.
  @discardableResult
  public func write(
    _ drafts: [Draft], wall: Int64, continuing action: UInt32? = nil
  ) throws(StoreError) -> [OperationID] {
    try transaction { db, state in
      let views = ViewWriter(db)
      _ = try seal(db, &state, wall: wall, views: views)
      let context = try state.nextContext()
      var open = OpenChange(
        id: context.id, time: state.clock.tick(wall: wall), wall: wall, action: action ?? context.id.sequence)
      let indices = drafts.map { open.append($0) }
      let sealed = SealedChange(
        sealing: open, context: context, dependencies: state.dependencies(of: context.id.log))
      try Self.check(sealed)
      try state.store(sealed, wall: wall, views: views, in: db)
      try views.finish(logs: &state)
      return indices.map { OperationID(log: context.id.log, sequence: context.id.sequence, index: $0) }
    }
  }

  /// The sequence that the next change of this replica's log will have, an open one counted as sealed.
  public var nextSequence: UInt32? {
    guard let own = state.own, let head = state[own]?.head, head.sequence < .max else { return nil }
    return head.sequence + 1
  }

  static func check(_ sealed: SealedChange) throws(StoreError) {
    guard sealed.bytes.count <= Limits.changeBytesMax else {
      throw StoreError(
        .limit, "expected a change of at most \(Limits.changeBytesMax) bytes, got \(sealed.bytes.count)",
        remedy: "write less in one step")
    }
  }
}

extension LogState {
  /// Where the next change of the own log goes.
  func nextContext() throws(StoreError) -> SealedChange.Context {
    guard let own, let head = self[own]?.head else {
      throw StoreError(.notFound, "this database has no log of its own yet", remedy: "run `anabranch init`")
    }
    guard let context = SealedChange.Context(after: head, in: own) else {
      throw StoreError(.limit, "log \(own) is full at \(head.sequence) changes", remedy: "open another log")
    }
    return context
  }
}
