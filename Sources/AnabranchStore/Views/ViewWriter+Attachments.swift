internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ViewWriter {
  /// Notes which blob an attachment needs, as long as what it says is here.
  func noteBlob(of operation: Operation, _ key: OperationKey) throws {
    guard let attachment = db.attachment(by: operation), let blob = attachment.blob else { return }
    try db.run("INSERT OR REPLACE INTO attached(blob, operation) VALUES(?, ?)") { values in
      values.add(blob.digest)
      values.add(key.rawValue)
    }
    try db.expect(blob, byteCount: attachment.byteCount ?? 0)
  }
}
