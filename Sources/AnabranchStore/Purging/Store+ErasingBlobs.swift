internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Removes the bytes of files that no attachment needs any more, some blocks at a time, and at last their hashes; false
  /// once none is left.
  func removeBlobs(_ step: inout Erasure) throws(StoreError) -> Bool {
    guard let number = try unneededBlob() else { return false }
    let purges = step.purges
    try transaction { db, _ in
      _ = try db.removeSome(ofBlob: number)
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

  /// Whether somebody holds a blob that was taken in and that no attachment needs.
  func holdsUnneeded() throws(StoreError) -> Bool {
    let held = attaching.keys
    guard !held.isEmpty else { return false }
    return try reading(onlyRows: true) { db in
      try held.contains { number in
        try db.first(
          "SELECT missing FROM blob WHERE number = ? AND NOT EXISTS (SELECT 1 FROM attached WHERE blob = blob.id)"
        ) {
          $0.add(number)
        } _: {
          try $0.integer(0) >= 0
        } ?? false
      }
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
