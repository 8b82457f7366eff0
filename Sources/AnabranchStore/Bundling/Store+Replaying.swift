internal import AnabranchCore
internal import AnabranchSync
package import AnabranchWire
internal import GRDB

/// A bundled history in a scratch database.
extension Store {
  /// Makes an empty scratch database one to replay `history` in: it knows the logs, which get the same numbers each time, stands for the
  /// same device in the same space, and looks at no signature.
  package func prepareReplay(of history: BundledHistory) throws(StoreError) {
    isSigned = { _, _ in true }
    try transaction { db, state in
      for log in history.logs { _ = try state.register(log.header, in: db) }
      // A branch goes on from a log that stands anywhere in the list, and from a branch only when that is attached.
      let branches = Dictionary(grouping: history.logs.filter { $0.parent != nil }, by: \.parent)
      var (next, waiting) = (history.logs.filter { $0.parent == nil }, history.logs.count)
      while let log = next.popLast() {
        waiting -= 1
        for branch in branches[log.id] ?? [] {
          try state.attach(branch.id, to: log.id, in: db)
          next.append(branch)
        }
      }
      guard waiting == 0 else {
        throw StoreError(
          .damaged, "branches of the bundle go on from each other in a circle, or from a log that it lacks")
      }
      state.own = history.origin.own.flatMap { state[$0] == nil ? nil : $0 }
      state.membership.space = history.origin.space
      state.membership.isBinding = history.origin.isRosterBinding
      try state.readRoster(db)
    }
  }

  /// Takes over changes of `history`, in causal order, as they come from a peer: all of them, or none. Each must have its own hash behind
  /// that of the change before it, and build on what its dependencies name; else it throws ``StoreError/Code/refused``, or
  /// ``StoreError/Code/damaged``.
  package func replay(_ items: [BundledHistory.Item], of history: BundledHistory) throws(StoreError) {
    // What comes under the name of a branch was cut when it was received first; here it is known before.
    guard history.logs.allSatisfy({ !$0.header.isBranch }) else { return try keep(items, nil) }
    let headers = Dictionary(history.logs.map { ($0.id, $0.header) }) { first, _ in first }
    let batch = IncomingBatch(
      replaying: items.compactMap { item in headers[item.id.log].map { (item.id, $0, item.change.bytes) } })
    let receipt = try receive(batch, wall: 0) { Bytes16(high: 0, low: 0) }
    guard receipt.applied == items.count, receipt.excluded.isEmpty, receipt.forks.isEmpty else {
      throw StoreError(.refused, "expected \(items.count) changes that go on from what is held, got \(receipt.applied)")
    }
  }

  /// The same with what stands in for contents, which no hash fits.
  package func replay(_ items: [BundledHistory.Item], with standIns: StandIns) throws(StoreError) {
    try keep(items, standIns)
  }

  private func keep(_ items: [BundledHistory.Item], _ standIns: StandIns?) throws(StoreError) {
    try transaction { db, state in
      for item in items {
        guard let record = state[item.id.log], item.id.sequence == record.head.sequence &+ 1,
          let context = try state.contextAfterHead(of: record, in: db)
        else {
          throw StoreError(.damaged, "change \(item.id.sequence) of log \(item.id.log) is out of order")
        }
        let bare = try SealedChange(held: item.change.bytes, context: context)
        let written = standIns.map { bare.filled($0.fillings(of: item.id)) } ?? bare
        let sealed = written.named(try state.named(written.change, item.id, in: db))
        for dependency in sealed.change.dependencies
        where try state.hash(of: dependency.change, in: db)?.head != dependency.hash {
          throw StoreError(
            .damaged,
            "change \(item.id.sequence) of log \(item.id.log) builds on another change \(dependency.change.sequence) of log "
              + "\(dependency.change.log) than the one held")
        }
        try apply([sealed], wall: 0, db, &state)
      }
      try state.saveFrontier(db)
    }
  }

  /// Where this scratch database shows something else than another one, into which the same changes came, in whatever order; a sentence
  /// each. O(history).
  package func viewFaults(comparedWith other: Store) throws(StoreError) -> [String] {
    try compareViews(with: other)
  }
}
