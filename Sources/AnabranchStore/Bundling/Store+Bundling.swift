internal import AnabranchCore
package import AnabranchWire
internal import GRDB

/// How much of a history is in a bundle.
package struct BundleCount: Hashable, Sendable {
  /// Changes.
  package var changes: UInt64 = 0
  /// Contents that were taken away, and of which the shape is there.
  package var contents: UInt64 = 0
  /// Objects whose views are told: conversations, those that are only referred to included, devices and the settings.
  package var views: UInt64 = 0
  /// The conversations among them that show.
  package var conversations: UInt64 = 0

  package init() {}
}

/// A history as a bug report; see ``AnabranchWire/HistoryBundle``.
extension Store {
  /// Passes what is held to `emit`, entry by entry, without anything that was written in it, but for the entry that is the last.
  ///
  /// What is open and not sealed is left out. `pseudonyms` has a key of its own for each bundle. `progress` is told how many changes of
  /// how many are done. Throws ``StoreError/Code/damaged`` where a change does not have its hash: such a history does not verify. Rethrows,
  /// as a ``StoreError``, what `emit` throws. Changes nothing. O(history).
  package func bundle(
    of program: String, by pseudonyms: Pseudonyms,
    progress: (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in },
    emit: (BundleEntry) throws -> Void
  ) throws(StoreError) -> BundleCount {
    try consistently { () throws(StoreError) in
      do {
        var count = BundleCount()
        try emit(.about(origin(program)))
        var numbers: [LogID: UInt32] = [:]
        for record in state.records {
          numbers[record.id] = UInt32(numbers.count)
          try emit(.log(record.header, parent: state.branches.parent(of: record.id)))
        }
        var known = VersionVector()
        while true {
          let (changes, position) = try changes(missingFrom: known, bytesMax: Self.verifyBatchBytes)
          guard !changes.isEmpty else { break }
          known = position
          for change in try bundled(changes, numbers, by: pseudonyms) {
            try emit(.change(change))
            count.contents += UInt64(change.shapes.count)
          }
          count.changes += UInt64(changes.count)
          try progress(count.changes, vector.changes)
        }
        for view in try bundledViews(naming: { pseudonyms.of($0, as: $1).text }) {
          try emit(.view(view))
          count.views += 1
          if view.isOfConversation { count.conversations += 1 }
        }
        return count
      } catch {
        throw StoreError(error, path: path)
      }
    }
  }

  private func origin(_ program: String) throws(StoreError) -> BundleOrigin {
    BundleOrigin(
      program: program, schema: UInt32(clamping: Schema.version), level: SemanticsLevel.current,
      space: state.membership.space,
      own: state.own, isRosterBinding: state.membership.isBinding, stateHash: try stateHash(), logHash: logHash)
  }

  private func bundled(
    _ changes: [StoredChange], _ numbers: [LogID: UInt32], by pseudonyms: Pseudonyms
  ) throws(StoreError) -> [BundledChange] {
    try reading { db in
      let reader = ContentReader(db, state)
      return try changes.map { stored in
        let sealed = try SealedChange(held: stored.bytes, context: state.context(of: stored.id, in: db))
        let named = try state.named(sealed.change, stored.id, in: db)
        var shapes: [BundledChange.Shape] = []
        for (place, operation) in named.operations.enumerated() where operation.envelope.content.bytes != nil {
          shapes.append(
            .init(place: UInt32(place), shape: try reader.shape(of: operation, in: named, by: pseudonyms)))
        }
        let key = state.key(of: stored.id)
        return BundledChange(
          log: numbers[stored.id.log] ?? 0, bytes: sealed.redacted { _ in true }.bytes,
          signature: try key.flatMap { try db.checkpoint(at: $0) }, shapes: shapes)
      }
    }
  }
}

extension ContentReader {
  /// The shape of the content of an operation, which is there.
  fileprivate func shape(
    of operation: Operation, in change: Change, by pseudonyms: Pseudonyms
  ) throws -> ContentShape {
    let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
    let whole = try content(of: HeldOperation(id: id, operation: operation, change: change))
    var form = operation.envelope.kind
    if case .purgePast(let purge) = operation.mutation,
      let purged = try logs.key(of: purge.operation).flatMap({ try self.operation($0) })
    {
      form = purged.operation.envelope.kind
    }
    return ContentShape(of: operation, whole: whole, form: form, by: pseudonyms)
  }
}
