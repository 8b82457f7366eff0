internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Blocks that are removed in one step: 4 MiB.
  private static let blocksAtOnce = 16

  /// Removes the bytes of files that no attachment needs any more, some blocks at a time, and at last their hashes; false
  /// once none is left.
  func removeBlobs(_ step: inout Erasure) throws(StoreError) -> Bool {
    guard let number = try unneededBlob() else { return false }
    let keys = BlobRow.keys(in: number)
    let purges = step.purges
    try transaction { db, _ in
      try db.run("DELETE FROM block WHERE id IN (SELECT id FROM block WHERE id BETWEEN ? AND ? LIMIT ?)") { values in
        values.add(keys.lowerBound)
        values.add(keys.upperBound)
        values.add(Int64(Self.blocksAtOnce))
      }
      if db.changesCount < Self.blocksAtOnce {
        try db.run("DELETE FROM blob_holder WHERE blob = (SELECT id FROM blob WHERE number = ?)") { $0.add(number) }
        try db.removeBlob(number)
      }
      try noteTaken(purges, db)
    }
    step.isUnclean = true
    return true
  }

  /// A blob that is here and that no attachment needs.
  private func unneededBlob() throws(StoreError) -> Int64? {
    try reading(onlyRows: true) { db in
      try db.all(
        "SELECT number FROM blob WHERE NOT EXISTS (SELECT 1 FROM attached WHERE blob = blob.id) ORDER BY number"
      ) { _ in
      } _: {
        try $0.integer(0)
      }.first { attaching[$0] == nil }
    }
  }
}

extension Database {
  /// What an operation says of a file that it attaches; nil where it does something else, or what it says is not here.
  func attachment(by operation: Operation) -> AttachmentContent? {
    guard case .addElement(let add) = operation.mutation, add.set == .attachments else { return nil }
    return operation.envelope.content.bytes.flatMap { AttachmentContent(canonicalBytes: $0) }
  }

  /// Takes note that the content of `operation`, at that key, goes: if it attached a file, it needs that no longer.
  func noteDetached(_ operation: Operation, _ key: OperationKey) throws {
    guard let blob = attachment(by: operation)?.blob else { return }
    try run("DELETE FROM attached WHERE blob = ? AND operation = ?") { values in
      values.add(blob.digest)
      values.add(key.rawValue)
    }
  }
}
